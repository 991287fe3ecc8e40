import { expect, test } from 'vitest'
import { failuresAfter } from './keep-parent.ts'

test('ends in a row add up; one after a long life counts as the first', () => {
  expect(failuresAfter(0, 0)).toBe(1)
  expect(failuresAfter(1, 60_000)).toBe(2)
  expect(failuresAfter(1, 3_600_000)).toBe(1)
})
