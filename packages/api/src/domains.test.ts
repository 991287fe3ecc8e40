import { expect, test } from 'vitest'
import { parseDomains } from './domains.ts'
import { maxDomainLength } from './names.ts'

test('the platform and one machine are legal', () => {
  const platform = {
    tenant: 'planapulse.app',
    dev: 'planapulse.dev',
    alias: 'planapulse.online',
    platform: ['planapulse.ai'],
  }
  expect(parseDomains(platform)).toBe(platform)
  expect(parseDomains({ tenant: 'localhost', dev: 'localhost' })).toBeDefined()
})

test('a domain that leaves no room for the longest label is refused', () => {
  const fits = `${'a'.repeat(maxDomainLength - 4)}.app`
  expect(parseDomains({ tenant: fits, dev: fits }).tenant).toBe(fits)
  expect(() => parseDomains({ tenant: `a${fits}`, dev: fits })).toThrow(/tenant.*longer than/)
})

test.each(['', '.app', 'app.', 'Plana.app', 'plana_pulse.app', '10.0.0.1', 'ab--c.app', 'a b'])(
  '%j is no domain',
  (domain) => {
    expect(() => parseDomains({ tenant: 'localhost', dev: domain })).toThrow(/dev domain/)
  },
)

test('every mistake is told at once', () => {
  expect(() => parseDomains({ tenant: 'A', dev: 'B', alias: 'C', platform: ['D'] })).toThrow(
    /tenant.*dev.*alias.*platform/,
  )
})
