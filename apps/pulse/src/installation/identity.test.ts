import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openIdentity } from './identity.ts'
import { openStateDirectory } from './state-directory.ts'

const now = new Date('2026-01-01T00:00:00Z')
const day = 24 * 60 * 60 * 1000

function newState() {
  const folder = mkdtempSync(join(tmpdir(), 'pulse-identity-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return openStateDirectory(folder)
}

function serves({ certificate }: { certificate: string }, authority: { certificate: string }) {
  return new X509Certificate(certificate).verify(
    new X509Certificate(authority.certificate).publicKey,
  )
}

test('the server certificate lasts as long as its authority, so a run of years serves no expired one', async () => {
  const { authority, server } = await openIdentity(await newState(), now)
  const ends = [authority, server].map(
    ({ certificate }) => new X509Certificate(certificate).validTo,
  )
  expect(ends[0]).toBe(ends[1])
  expect(Date.parse(ends[1] ?? '') - now.getTime()).toBeGreaterThan(3600 * day)
  expect(serves(server, authority)).toBe(true)
})

test('a later start keeps all of it', async () => {
  const state = await newState()
  const first = await openIdentity(state, now)
  expect(await openIdentity(state, new Date(now.getTime() + 500 * day))).toEqual(first)
})

test('an authority near its end is replaced with all that it has signed', async () => {
  const state = await newState()
  const first = await openIdentity(state, now)
  const later = await openIdentity(state, new Date(now.getTime() + 3600 * day))
  expect(later.authority).not.toEqual(first.authority)
  expect(serves(later.server, later.authority)).toBe(true)
})

test.each(['{', '{}', '{"key":"x","certificate":"y"}'])(
  'a key file that holds %s is named with what mends it',
  async (text) => {
    const state = await newState()
    await openIdentity(state, now)
    const path = join(state.paths.authority, 'ca.json')
    writeFileSync(path, text)
    await expect(openIdentity(state, now)).rejects.toThrow(
      `${path} is damaged: remove ${state.paths.authority}`,
    )
    expect(readFileSync(path, 'utf8')).toBe(text)
  },
)
