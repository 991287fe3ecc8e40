import { expect, test } from 'vitest'
import { heapFlags } from './bound-heap.ts'

test('what is new gets no more of a small heap than of a large one', () => {
  expect(heapFlags(1024)).toEqual(['--max-old-space-size=1024', '--max-semi-space-size=16'])
  expect(heapFlags(256)).toEqual(['--max-old-space-size=256', '--max-semi-space-size=4'])
})
