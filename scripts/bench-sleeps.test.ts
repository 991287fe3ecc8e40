import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { isSignedWith, signatureOf } from './bench/page-signature.ts'

test('a page tells whose database it came from', () => {
  const digest = createHmac('sha1', 'secret of acme').update('sid11700000000').digest('hex')
  const page = `<input type="hidden" name="csrf_token" value="${digest}o1700000000">`
  const headers = { 'set-cookie': ['frontend_lang=bg_BG; Path=/', 'session_id=sid1; HttpOnly'] }
  const signature = signatureOf(page, headers)
  expect(signature && isSignedWith(signature, 'secret of acme')).toBe(true)
  expect(signature && isSignedWith(signature, 'secret of beta')).toBe(false)
  expect(signatureOf('<h1>Waking</h1>', headers)).toBeUndefined()
})
