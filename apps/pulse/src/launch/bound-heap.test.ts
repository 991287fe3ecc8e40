import { expect, test } from 'vitest'
import { heapFlags } from './bound-heap.ts'
import { heapAsked } from './config.ts'

test('a small heap is not outweighed by new objects, which need some room even so', () => {
  expect(heapFlags(1024)).toEqual(['--max-old-space-size=1024', '--max-semi-space-size=16'])
  expect(heapFlags(512)).toEqual(['--max-old-space-size=512', '--max-semi-space-size=8'])
  expect(heapFlags(96)).toEqual(['--max-old-space-size=96', '--max-semi-space-size=8'])
})

test('asked for by the environment, or as by default', () => {
  expect(heapAsked({ PLANA_HEAP_MAX_MEGABYTES: '256' })).toBe(256)
  for (const other of [undefined, '', 'many', '1.5', '12', '-300', '65537', '1e24']) {
    expect(heapAsked({ PLANA_HEAP_MAX_MEGABYTES: other })).toBe(1024)
  }
})
