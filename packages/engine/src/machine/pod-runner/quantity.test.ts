import { expect, test } from 'vitest'
import { mustParseQuantity } from './quantity.ts'

test.each([
  ['250m', 0.25],
  ['1', 1],
  ['0.5', 0.5],
  ['512Mi', 536_870_912],
  ['1Gi', 1_073_741_824],
  ['2G', 2e9],
  ['1e3', 1000],
])('%s is %d', (text, expected) => {
  expect(mustParseQuantity(text)).toBe(expected)
})

test.each(['', 'much', '1.2.3', '5Zi'])('%j is refused', (text) => {
  expect(() => mustParseQuantity(text)).toThrow('not a quantity')
})
