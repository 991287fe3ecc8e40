import { expect, test } from 'vitest'
import { textAnswer } from '../face/answer.ts'
import { withWarnings } from '../face/warnings.ts'
import { warningsIn } from './warning-header.ts'

test('what the API warns of is read as it was said', () => {
  const said = ['plain', 'of "quotes", \\ and 299 - "more"', '']
  const headers = [withWarnings(textAnswer(''), said).headers?.Warning].flat().map(String)
  expect(warningsIn(headers)).toEqual(said)
})

test('several may be in one header, each with a date', () => {
  const header = '299 - "one" "Mon, 30 Nov 2026 12:00:00 GMT", 299 api "two"'
  expect(warningsIn([header])).toEqual(['one', 'two'])
})

test('what is no warning is none', () => {
  expect(warningsIn(['', '299', '299 - "unclosed'])).toEqual([])
})
