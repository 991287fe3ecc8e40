import { describe, expect, test } from 'vitest'
import { checkPassword, hashPassword } from './password-hash.ts'

// Real rounds take half a second each, and more on a busy machine.
describe('a password', { timeout: 60_000 }, () => {
  test('is checked against a hash that passlib made', async () => {
    // passlib.hash.pbkdf2_sha512.using(rounds=1000, salt=b'0123456789abcdef').hash('admin')
    const stored =
      '$pbkdf2-sha512$1000$MDEyMzQ1Njc4OWFiY2RlZg$VYpayuGgwzZdp432P4BiDOsz2R32OckUD4cZP0OnU/dRJDzvbA9NzD4JRchh6MOV7dGmpArYbuwTJVUOgj66DA'
    expect((await checkPassword('admin', stored)).valid).toBe(true)
    expect(await checkPassword('Admin', stored)).toEqual({ valid: false })
  })

  test('is replaced by a dearer hash where the stored one is cheap or plain', async () => {
    const cheap = await checkPassword('secret', await hashPassword('secret', 1000))
    expect(cheap.replacement).toMatch(/^\$pbkdf2-sha512\$600000\$/)
    expect((await checkPassword('secret', 'secret')).replacement).toMatch(
      /^\$pbkdf2-sha512\$600000\$/,
    )
    expect(await checkPassword('other', 'secret')).toEqual({ valid: false })
  })

  test('nobody logs in where none is stored', async () => {
    expect(await checkPassword('', '')).toEqual({ valid: false })
  })
})
