import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { configSummary, domainsOf, readConfig } from './config.ts'

afterEach(() => vi.unstubAllEnvs())

test('a relative state directory means one thing, wherever the processes of Pulse are started', () => {
  expect(readConfig({ stateDir: './second' }).stateDir).toBe(join(process.cwd(), 'second'))
  vi.stubEnv('PLANA_STATE_DIR', '../third')
  expect(readConfig().stateDir).toBe(join(process.cwd(), '..', 'third'))
})

test('every domain and the reserved labels are configuration', () => {
  vi.stubEnv('PLANA_TENANT_DOMAIN', 'planapulse.app')
  vi.stubEnv('PLANA_DEV_DOMAIN', 'planapulse.dev')
  vi.stubEnv('PLANA_ALIAS_DOMAIN', 'planapulse.online')
  vi.stubEnv('PLANA_PLATFORM_DOMAINS', 'planapulse.ai, planapulse.com')
  vi.stubEnv('PLANA_RESERVED_LABELS', 'www,crown')
  const config = readConfig()
  expect(domainsOf(config)).toEqual({
    tenant: 'planapulse.app',
    dev: 'planapulse.dev',
    alias: 'planapulse.online',
    platform: ['planapulse.ai', 'planapulse.com'],
  })
  expect(config.reservedLabels).toEqual(['www', 'crown'])
})

test('without settings a tenant lives under localhost, and names that people trust are reserved', () => {
  const config = readConfig()
  expect(domainsOf(config)).toEqual({ tenant: 'localhost', dev: 'localhost', platform: [] })
  expect(config.reservedLabels).toContain('www')
})

test.each([
  ['PLANA_TENANT_DOMAIN', 'not a domain'],
  ['PLANA_ALIAS_DOMAIN', '.online'],
  ['PLANA_PLATFORM_DOMAINS', 'planapulse.ai,,planapulse.com'],
  ['PLANA_RESERVED_LABELS', 'www,Crown'],
])('%s=%s is refused before anything starts', (name, value) => {
  vi.stubEnv(name, value)
  expect(() => readConfig()).toThrow(/^1 setting is wrong/)
})

test('a mistake in a flag is told with the flag, one in the environment with its name', () => {
  expect(() => readConfig({ httpPort: '99999' })).toThrow(/^1 setting is wrong\n {2}--http-port: /)
  vi.stubEnv('PLANA_HTTP_PORT', '99999')
  expect(() => readConfig()).toThrow(/^1 setting is wrong\n {2}PLANA_HTTP_PORT: /)
})

test('what is logged at the start holds every setting and no secret', () => {
  vi.stubEnv('PLANA_DATABASE_URL', 'postgres://admin:hunter2@db.example/postgres')
  const summary = configSummary(readConfig())
  expect(summary).toMatchObject({ PLANA_DATABASE_URL: 'set', PLANA_TENANT_DOMAIN: 'localhost' })
  expect(JSON.stringify(summary)).not.toContain('hunter2')
})
