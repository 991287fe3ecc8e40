import { defaultParkedLimits } from '@pulse/gateway'
import { parseConfig } from '@pulse/service'
import { expect, test } from 'vitest'
import { parkedLimitsOf, parkedSettings } from './parked-settings.ts'

test('unset, the limits of WebSockets are those of the gateway', () => {
  expect(defaultParkedLimits).toMatchObject(parkedLimitsOf(parseConfig(parkedSettings, {})))
})

test('each setting of WebSockets reaches the limit that it names', () => {
  const config = parseConfig(parkedSettings, {
    PLANA_GATEWAY_SOCKETS_MAX: '1',
    PLANA_GATEWAY_SOCKETS_PER_TENANT_MAX: '2',
    PLANA_GATEWAY_SOCKETS_MEMORY_MAX_BYTES: '300000',
    PLANA_GATEWAY_SOCKETS_PER_TENANT_MEMORY_MAX_BYTES: '400000',
    PLANA_GATEWAY_SOCKET_PING_SECONDS: '5',
    PLANA_GATEWAY_SOCKET_RETURN_MAX_SECONDS: '6.5',
    PLANA_GATEWAY_SOCKET_RETURNS_PER_SECOND_MAX: '7',
    PLANA_GATEWAY_SOCKET_RETURNS_PER_TENANT_PER_SECOND_MAX: '8',
  })
  expect(parkedLimitsOf(config)).toEqual({
    sockets: 1,
    socketsPerEnvironment: 2,
    memoryBytes: 300_000,
    memoryBytesPerEnvironment: 400_000,
    pingMs: 5000,
    jitterMs: 6500,
    attachesPerSecond: 7,
    attachesPerSecondPerEnvironment: 8,
  })
})

test('no limit of WebSockets can be switched off by a zero', () => {
  const zeros = Object.values(parkedSettings).map(({ env }) => [env, '0'])
  expect(() => parseConfig(parkedSettings, Object.fromEntries(zeros))).toThrow(
    `${zeros.length} settings are wrong`,
  )
})
