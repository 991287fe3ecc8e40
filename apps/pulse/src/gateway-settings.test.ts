import { availableParallelism } from 'node:os'
import {
  defaultGatewayLimits,
  defaultKeptLimits,
  defaultLifeLimits,
  defaultWakeLimits,
} from '@pulse/gateway'
import { parseConfig } from '@pulse/service'
import { expect, test } from 'vitest'
import {
  admissionLimitsOf,
  gatewayLimitsOf,
  gatewaySettings,
  lifeLimitsOf,
} from './gateway-settings.ts'

test('unset, the limits are those of the gateway', () => {
  expect(defaultGatewayLimits).toMatchObject(gatewayLimitsOf(parseConfig(gatewaySettings, {})))
  const { starts, ...life } = lifeLimitsOf(parseConfig(gatewaySettings, {}))
  expect(defaultLifeLimits).toMatchObject(life)
  expect(starts).toBe(Math.max(2, availableParallelism()))
  const {
    wakes = {},
    kept = {},
    trustedProxies,
  } = admissionLimitsOf(parseConfig(gatewaySettings, {}))
  expect(defaultWakeLimits).toMatchObject(wakes)
  expect(defaultKeptLimits).toMatchObject(kept)
  expect(trustedProxies).toEqual([])
})

test('each setting reaches the limit that it names', () => {
  const config = parseConfig(gatewaySettings, {
    PLANA_GATEWAY_BODY_MAX_BYTES: '100000',
    PLANA_GATEWAY_REQUEST_HEAD_TIMEOUT_SECONDS: '1',
    PLANA_GATEWAY_REQUEST_IDLE_TIMEOUT_SECONDS: '2.5',
    PLANA_GATEWAY_BODY_BYTES_PER_SECOND_MIN: '250',
    PLANA_GATEWAY_KEEP_ALIVE_TIMEOUT_SECONDS: '2',
    PLANA_GATEWAY_CONNECTIONS_MAX: '12',
    PLANA_GATEWAY_CONNECTIONS_PER_ADDRESS_MAX: '11',
    PLANA_GATEWAY_CONNECT_TIMEOUT_SECONDS: '3',
    PLANA_GATEWAY_ANSWER_TIMEOUT_SECONDS: '4',
    PLANA_GATEWAY_ANSWER_IDLE_TIMEOUT_SECONDS: '5',
    PLANA_GATEWAY_ANSWER_STALL_TIMEOUT_SECONDS: '5.5',
    PLANA_GATEWAY_DRAIN_TIMEOUT_SECONDS: '6',
    PLANA_GATEWAY_SLEEP_GRACE_SECONDS: '7',
    PLANA_GATEWAY_SUSPEND_GRACE_SECONDS: '7.5',
    PLANA_GATEWAY_STARTS_MAX: '8',
    PLANA_GATEWAY_HELD_PER_TENANT_MAX: '9',
    PLANA_GATEWAY_HELD_MAX: '10',
    PLANA_GATEWAY_TRUSTED_PROXIES: '10.0.0.0/8, 2001:db8::1',
    PLANA_GATEWAY_ADDRESS_WAKES_PER_HOUR_MAX: '11',
    PLANA_GATEWAY_WAKES_PER_MINUTE_MAX: '12',
    PLANA_GATEWAY_COPIES_MAX_BYTES: '1300000',
    PLANA_GATEWAY_COPIES_PER_TENANT_MAX_BYTES: '140000',
  })
  expect(lifeLimitsOf(config)).toMatchObject({
    graceMs: 7000,
    overstayMs: 7500,
    starts: 8,
    hold: { requestsPerEnvironment: 9, requests: 10 },
  })
  expect(admissionLimitsOf(config)).toEqual({
    trustedProxies: ['10.0.0.0/8', '2001:db8::1'],
    wakes: { addressPerHour: 11, allPerMinute: 12 },
    kept: { bytes: 1_300_000, bytesPerEnvironment: 140_000 },
  })
  expect(gatewayLimitsOf(config)).toEqual({
    bodyBytesMax: 100_000,
    requestHeadTimeoutMs: 1000,
    requestIdleTimeoutMs: 2500,
    bodyBytesPerSecondMin: 250,
    keepAliveTimeoutMs: 2000,
    connectionsMax: 12,
    connectionsPerAddressMax: 11,
    connectTimeoutMs: 3000,
    answerTimeoutMs: 4000,
    answerIdleTimeoutMs: 5000,
    answerStallTimeoutMs: 5500,
    drainMs: 6000,
  })
})

test('no limit can be switched off by a zero', () => {
  const zeros = Object.values(gatewaySettings).map(({ env }) => [env, '0'])
  expect(() => parseConfig(gatewaySettings, Object.fromEntries(zeros))).toThrow(
    `${zeros.length} settings are wrong`,
  )
})
