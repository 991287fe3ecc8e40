import fc from 'fast-check'
import { expect, test } from 'vitest'
import { editDistance, nearest } from './nearest.ts'

const fields = ['subdomain', 'tier', 'odooVersion', 'ownerEmail', 'ownerName']

test.each([
  ['tire', 'tier'],
  ['odooversion', 'odooVersion'],
  ['ownerMail', 'ownerEmail'],
  ['subdoman', 'subdomain'],
])('%s was probably %s', (given, meant) => {
  expect(nearest(given, fields)).toBe(meant)
})

test('a name that is like none gets no guess', () => {
  expect(nearest('replicas', fields)).toBeUndefined()
})

test('the distance is symmetric, zero for equals, and never above the longer length', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      const distance = editDistance(one, other)
      expect(distance).toBe(editDistance(other, one))
      expect(distance === 0).toBe(one === other)
      expect(distance).toBeLessThanOrEqual(Math.max(one.length, other.length))
    }),
  )
})

test('two swapped neighbours are one mistake', () => {
  expect(editDistance('tire', 'tier')).toBe(1)
})
