import { afterEach, expect, test, vi } from 'vitest'
import { readConfig } from './config.ts'

afterEach(() => vi.unstubAllEnvs())

test.each(['0.0.0.0', '::', '192.0.2.7', '2001:db8::7'])(
  'metrics beyond loopback (%s) are refused without a token',
  (host) => {
    vi.stubEnv('PLANA_METRICS_HOST', host)
    expect(() => readConfig()).toThrow(/PLANA_METRICS_HOST: .* set PLANA_METRICS_TOKEN too/)
    vi.stubEnv('PLANA_METRICS_TOKEN', 'a-token-for-prometheus')
    expect(readConfig().metricsHost).toBe(host)
  },
)

test.each(['127.0.0.1', '127.8.8.8', '::1'])('on loopback (%s) no token is needed', (host) => {
  vi.stubEnv('PLANA_METRICS_HOST', host)
  expect(readConfig().metricsToken).toBeUndefined()
})

test('a name is no address: where it leads may change', () => {
  vi.stubEnv('PLANA_METRICS_HOST', 'localhost')
  expect(() => readConfig()).toThrow(/must be an IP address/)
})

test('a token that can be guessed is refused', () => {
  vi.stubEnv('PLANA_METRICS_TOKEN', 'short')
  expect(() => readConfig()).toThrow(/PLANA_METRICS_TOKEN/)
})
