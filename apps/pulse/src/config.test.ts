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

test.each([
  ['PLANA_HTTP_PORT', 'PLANA_API_PORT', {}],
  ['PLANA_HTTP_PORT', 'PLANA_METRICS_PORT', {}],
  ['PLANA_API_PORT', 'PLANA_METRICS_PORT', { PLANA_METRICS_HOST: '0.0.0.0' }],
  ['PLANA_HTTP_PORT', 'PLANA_HTTPS_PORT', { PLANA_TLS: 'local' }],
  ['PLANA_HTTPS_PORT', 'PLANA_METRICS_PORT', { PLANA_TLS_DIR: '/certificates' }],
])('one port for %s and %s is refused, with both and the rule', (first, second, more) => {
  vi.stubEnv('PLANA_METRICS_TOKEN', 'a-token-of-some-length')
  for (const [name, value] of Object.entries(more)) vi.stubEnv(name, value)
  vi.stubEnv(first, '9000')
  vi.stubEnv(second, '9000')
  expect(() => readConfig()).toThrow(
    `${first} and ${second}: both are 9000; each needs a port of its own`,
  )
})

test('a port that a flag asks for is named as it was written when another setting has it, too', () => {
  vi.stubEnv('PLANA_METRICS_PORT', '9000')
  expect(() => readConfig({ httpPort: '9000' })).toThrow('--http-port and PLANA_METRICS_PORT: both')
})

test('the same port is fine where no two listen on it', () => {
  vi.stubEnv('PLANA_HTTP_PORT', '8443')
  expect(readConfig().httpPort).toBe(8443)
  vi.stubEnv('PLANA_METRICS_HOST', '127.0.0.2')
  vi.stubEnv('PLANA_METRICS_PORT', '8443')
  expect(readConfig().metricsPort).toBe(8443)
})

test('what is logged at the start holds every setting and no secret', () => {
  vi.stubEnv('PLANA_DATABASE_URL', 'postgres://admin:hunter2@db.example/postgres')
  const summary = configSummary(readConfig())
  expect(summary).toMatchObject({ PLANA_DATABASE_URL: 'set', PLANA_TENANT_DOMAIN: 'localhost' })
  expect(JSON.stringify(summary)).not.toContain('hunter2')
})
