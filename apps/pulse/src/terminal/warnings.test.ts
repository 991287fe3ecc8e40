import { expect, test } from 'vitest'
import { warningPrinter } from './warnings.ts'

test.each([
  [false, 'Warning: one\nWarning: two\n'],
  [true, '\r\u001b[2KWarning: one\n\r\u001b[2KWarning: two\n'],
])('each warning is printed once, on a terminal (%s) over the turning mark', (interactive, all) => {
  let written = ''
  const write = (text: string) => {
    written += text
  }
  const warn = warningPrinter({ interactive, write })
  for (const text of ['one', 'two', 'one']) warn(text)
  expect(written).toBe(all)
})
