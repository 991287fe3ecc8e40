import { expect, test } from 'vitest'
import { publicReason } from './public-reason.ts'

test('a plain reason is told as it is', () => {
  const reason = 'The module “sale_subscription” could not be loaded.'
  expect(publicReason(reason)).toBe(reason)
  expect(publicReason('ModuleNotFoundError: No module named phonenumbers')).toContain(
    'phonenumbers',
  )
})

test.each([
  'cannot connect to postgresql://odoo:s3cret@db/acme',
  'FATAL: password=s3cret is wrong',
  'FATAL: password "s3cret" is wrong, db_password: s3cret',
  "{'admin_passwd': 's3cret'}",
  'Authorization: Bearer s3cret was refused',
  'API_KEY=s3cret is not valid',
  'cannot log in: pwd s3cret',
  'login s3cret@mail.example failed',
  'no file at /var/lib/s3cret/filestore',
  'the key 9f8e7d6c5b4a39281706f5e4d3c2b1a0s3cret is not known',
  'cannot reach 10.0.12.34:5432 s3cret://x',
])('no stranger reads a secret, an address or a path: %s', (trouble) => {
  const told = publicReason(trouble) ?? ''
  expect(told).not.toMatch(/s3cret|10\.0\.12\.34/)
})

test('what is no short sentence is left to operators', () => {
  expect(publicReason(undefined)).toBeUndefined()
  expect(publicReason(' ')).toBeUndefined()
  expect(publicReason('a\nb c d e f')).toBeUndefined()
  expect(publicReason('long '.repeat(40))).toBeUndefined()
  expect(publicReason('/var/lib/odoo/x.py')).toBeUndefined()
})
