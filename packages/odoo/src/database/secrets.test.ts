import { expect, test } from 'vitest'
import { hashForOdoo, makePassword, scramVerifier } from './secrets.ts'

test('a password is 20 letters of an alphabet of 32, so 100 bits, in groups', () => {
  const made = Array.from({ length: 200 }, makePassword)
  for (const password of made)
    expect(password).toMatch(/^([0-9a-hjkmnp-tv-z]{5}-){3}[0-9a-hjkmnp-tv-z]{5}$/)
  expect(new Set(made).size).toBe(200)
  expect(new Set(made.join('').replaceAll('-', '')).size).toBe(32)
})

test('Odoo’s hash has passlib’s form', async () => {
  expect(await hashForOdoo('x', 1000)).toMatch(/^\$pbkdf2-sha512\$1000\$[\w./]{22}\$[\w./]{86}$/)
})

test('what PostgreSQL gets of a password does not hold it', async () => {
  const verifier = await scramVerifier('secret-word')
  expect(verifier).toMatch(/^SCRAM-SHA-256\$4096:[\w+/=]{24}\$[\w+/=]{44}:[\w+/=]{44}$/)
  expect(verifier).not.toContain('secret-word')
})
