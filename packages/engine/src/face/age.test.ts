import { expect, test } from 'vitest'
import { ageOf } from './age.ts'

const born = Date.parse('2026-01-01T00:00:00Z')

test.each([
  [0, '0s'],
  [119, '119s'],
  [120, '2m'],
  [192, '3m12s'],
  [600, '10m'],
  [10_799, '179m'],
  [3 * 3600, '3h'],
  [3 * 3600 + 300, '3h5m'],
  [47 * 3600, '47h'],
  [48 * 3600, '2d'],
  [50 * 3600, '2d2h'],
  [8 * 86_400, '8d'],
  [2 * 365 * 86_400 + 5 * 86_400, '2y5d'],
  [9 * 365 * 86_400, '9y'],
  [-1, '0s'],
  [-60, '<invalid>'],
])('%d seconds are %s', (seconds, text) => {
  expect(ageOf('2026-01-01T00:00:00Z', new Date(born + seconds * 1000))).toBe(text)
})

test('what is no time has no age', () => {
  expect(ageOf('yesterday', new Date(born))).toBe('<unknown>')
})
