import { createHmac } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isIdentity, readIdentity } from './backend-identity.ts'

const key = Buffer.alloc(32, 7)
let folder: string
const keyFile = (text: string) => {
  const path = join(folder, 'key')
  writeFileSync(path, text)
  return path
}
const read = (text: string, id = 'acme-prod.7') =>
  readIdentity({ PULSE_BACKEND_ID: id, PULSE_BACKEND_KEY_FILE: keyFile(text) })

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pulse-identity-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

test('is the id and its HMAC under the key that the file holds', () => {
  const signed = (text: string) =>
    `acme-prod.7.${createHmac('sha256', key).update(text).digest('hex')}`
  expect(read(`${key.toString('hex')}\n`)).toEqual({
    visitor: signed('acme-prod.7'),
    control: signed('control acme-prod.7'),
  })
})

test('is nothing where no id is given, and a mistake where the key is missing or weak', () => {
  expect(readIdentity({})).toBeUndefined()
  expect(() => readIdentity({ PULSE_BACKEND_ID: 'a.1' })).toThrow(/KEY_FILE is not set/)
  const nowhere = { PULSE_BACKEND_ID: 'a.1', PULSE_BACKEND_KEY_FILE: '/nowhere' }
  expect(() => readIdentity(nowhere)).toThrow(/cannot read/)
  expect(() => read('secret words')).toThrow(/not hexadecimal/)
  expect(() => read('00'.repeat(31))).toThrow(/shorter than 32/)
  expect(() => read(key.toString('hex'), 'a b')).toThrow(/letters, digits/)
})

test('nothing but itself is equal to it', () => {
  expect(isIdentity('a.1.ff', 'a.1.ff')).toBe(true)
  for (const other of [undefined, '', 'a.1.fe', 'a.1.ff, a.1.ff', 'a.1.f']) {
    expect(isIdentity('a.1.ff', other)).toBe(false)
  }
})
