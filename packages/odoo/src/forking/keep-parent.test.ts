import { expect, test } from 'vitest'
import { failuresAfter, retryMsAfter } from './keep-parent.ts'

test('ends in a row add up; one after a long life counts as the first', () => {
  expect(failuresAfter(0, 0)).toBe(1)
  expect(failuresAfter(1, 60_000)).toBe(2)
  expect(failuresAfter(1, 3_600_000)).toBe(1)
})

test('one end is followed by a start at once; more are waited for, ten minutes to a day', () => {
  expect([1, 2, 3, 4, 9, 10, 5_000].map((failures) => retryMsAfter(failures) / 60_000)).toEqual([
    0, 10, 20, 40, 1_280, 1_440, 1_440,
  ])
})
