import fc from 'fast-check'
import { expect, test } from 'vitest'
import { backOffMilliseconds } from './back-off.ts'

const limits = { firstMilliseconds: 20, longestMilliseconds: 60_000 }

test('the wait doubles with each failure', () => {
  const waits = [1, 2, 3, 4].map((failures) => backOffMilliseconds(failures, 0, limits))
  expect(waits).toEqual([10, 20, 40, 80])
})

test('the wait stays between half of and the whole limit, however many failures there were', () => {
  fc.assert(
    fc.property(fc.nat(), fc.double({ min: 0, max: 0.999, noNaN: true }), (failures, random) => {
      const wait = backOffMilliseconds(failures, random, limits)
      expect(wait).toBeGreaterThanOrEqual(10)
      expect(wait).toBeLessThanOrEqual(60_000)
    }),
  )
})
