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
