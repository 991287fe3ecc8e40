import { expect, test } from 'vitest'
import { contentHash } from './content-hash.ts'

test.each([
  ['', 0xcbf29ce484222325n],
  ['a', 0xaf63dc4c8601ec8cn],
  ['foobar', 0x85944171f73967e8n],
])('the published value of FNV-1a for %j', (text, value) => {
  expect(contentHash(text)).toBe(value.toString(36).padStart(13, '0'))
})
