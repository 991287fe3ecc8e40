import { expect, test } from 'vitest'
import { parseDurationSeconds } from './durations.ts'

test.each([
  ['15m', 900],
  ['1h30m', 5400],
  ['0.5s', 0.5],
  ['250ms', 0.25],
  ['0s', 0],
])('%s is %d seconds', (text, seconds) => {
  expect(parseDurationSeconds(text)).toBe(seconds)
})

test.each(['', '15', 'm', '15 m', '-1m', '1d', '1m ', '1.5.5m'])('%j is no duration', (text) => {
  expect(parseDurationSeconds(text)).toBeUndefined()
})
