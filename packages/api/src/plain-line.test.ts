import { expect, test } from 'vitest'
import { plainLine } from './plain-line.ts'

test.each([
  ['an escape', 'a\u001b[2Jb', 'a[2Jb'],
  ['an escape in one byte', 'a\u009b2Jb', 'a2Jb'],
  ['a title and a bell', '\u001b]0;owned\u0007', ']0;owned'],
  ['a turned direction', 'a\u202eb\u2066c', 'abc'],
  ['further lines', 'a\r\nb\u2028c', 'a b c'],
  ['a tab', '\ta', '  a'],
])('%s is no part of a plain line', (_, text, plain) => {
  expect(plainLine(text)).toBe(plain)
})

test('words in any script stay as they are', () => {
  expect(plainLine('Ошибка: größer 東京 🙂')).toBe('Ошибка: größer 東京 🙂')
})
