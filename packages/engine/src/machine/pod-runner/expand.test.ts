import { expect, test } from 'vitest'
import { expand } from './expand.ts'

const variables = new Map([
  ['POD_IP', '127.64.1.1'],
  ['EMPTY', ''],
])

test.each([
  ['--http=$(POD_IP)', '--http=127.64.1.1'],
  ['[$(EMPTY)]', '[]'],
  ['$(MISSING)', '$(MISSING)'],
  ['$$(POD_IP)', '$(POD_IP)'],
  ['$$$(POD_IP)', '$127.64.1.1'],
  ['price: 5$', 'price: 5$'],
  ['^%h$', '^%h$'],
  ['$(POD_IP', '$(POD_IP'],
  ['$POD_IP', '$POD_IP'],
])('%s expands to %s, as in Kubernetes', (written, expected) => {
  expect(expand(written, variables)).toBe(expected)
})

test('what a value holds is not expanded again', () => {
  expect(expand('$(A)', new Map([['A', '$(A)']]))).toBe('$(A)')
})
