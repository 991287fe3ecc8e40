import { expect, test } from 'vitest'
import { renderTable } from './table.ts'

test('columns are as wide as their widest cell, and nothing trails', () => {
  expect(
    renderTable(
      ['NAME', 'READY'],
      [
        ['acme', 'True'],
        ['производство', ''],
      ],
    ),
  ).toBe('NAME           READY\nacme           True\nпроизводство')
})

test('a row is one line, and nothing in its cells moves the terminal', () => {
  const table = renderTable(['NAME', 'MESSAGE'], [['a\u001b[2Jb', 'one\n\u009b2Jtwo\u202e']])
  expect(table).toBe('NAME    MESSAGE\na[2Jb   one 2Jtwo')
})
