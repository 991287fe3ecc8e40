import type { GatewayLimits, LifeLimits } from '@pulse/gateway'
import { type Config, defineSettings } from '@pulse/service'
import Type from 'typebox'

const seconds = (maximum: number) => Type.Number({ minimum: 0.1, maximum })

const hour = 3600

/**
 * What the gateway allows clients and workers to take. The defaults are the gateway's own, which a test compares: each
 * command reads the settings, and none but `up` should have to load the gateway for them.
 */
export const gatewaySettings = defineSettings({
  gatewayBodyBytes: {
    env: 'PLANA_GATEWAY_BODY_MAX_BYTES',
    schema: Type.Integer({ minimum: 64 * 1024, maximum: 1024 ** 4 }),
    default: 512 * 1024 * 1024,
    description: 'largest body of a request, such as an upload',
  },
  gatewayRequestHeadSeconds: {
    env: 'PLANA_GATEWAY_REQUEST_HEAD_TIMEOUT_SECONDS',
    schema: seconds(hour),
    default: 30,
    description: 'how long a client may take for the head of a request',
  },
  gatewayRequestIdleSeconds: {
    env: 'PLANA_GATEWAY_REQUEST_IDLE_TIMEOUT_SECONDS',
    schema: seconds(hour),
    default: 60,
    description: 'how long a client may pause within the body of a request',
  },
  gatewayConnectSeconds: {
    env: 'PLANA_GATEWAY_CONNECT_TIMEOUT_SECONDS',
    schema: seconds(hour),
    default: 5,
    description: 'how long a worker may take to accept a connection',
  },
  gatewayAnswerSeconds: {
    env: 'PLANA_GATEWAY_ANSWER_TIMEOUT_SECONDS',
    schema: seconds(24 * hour),
    default: 300,
    description: 'how long a worker may take until it begins to answer',
  },
  gatewayAnswerIdleSeconds: {
    env: 'PLANA_GATEWAY_ANSWER_IDLE_TIMEOUT_SECONDS',
    schema: seconds(24 * hour),
    default: 300,
    description: 'how long a worker may pause within its answer',
  },
  gatewayDrainSeconds: {
    env: 'PLANA_GATEWAY_DRAIN_TIMEOUT_SECONDS',
    schema: seconds(hour),
    default: 10,
    description: 'how long open requests get when Pulse stops',
  },
  gatewaySleepGraceSeconds: {
    env: 'PLANA_GATEWAY_SLEEP_GRACE_SECONDS',
    schema: seconds(hour),
    default: 30,
    description: 'how long after its start the gateway puts nobody to sleep',
  },
  gatewayLeaseSeconds: {
    env: 'PLANA_GATEWAY_LEASE_SECONDS',
    schema: Type.Integer({ minimum: 1, maximum: 300 }),
    default: 15,
    description: 'a gateway that is silent for so long is no longer asked before a tenant sleeps',
  },
  gatewayStarts: {
    env: 'PLANA_GATEWAY_STARTS_MAX',
    schema: Type.Integer({ minimum: 1, maximum: 1000 }),
    default: 4,
    description: 'environments that may be starting at the same time; others wait their turn',
  },
  gatewayHeldPerTenant: {
    env: 'PLANA_GATEWAY_HELD_PER_TENANT_MAX',
    schema: Type.Integer({ minimum: 1, maximum: 100_000 }),
    default: 1_000,
    description: 'requests that may wait for one environment to wake',
  },
  gatewayHeld: {
    env: 'PLANA_GATEWAY_HELD_MAX',
    schema: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    default: 20_000,
    description: 'requests that may wait in all',
  },
})

/** How it puts to sleep and wakes, as the gateway takes it. */
export function lifeLimitsOf(config: Config<typeof gatewaySettings>): Partial<LifeLimits> {
  return {
    graceMs: config.gatewaySleepGraceSeconds * 1000,
    starts: config.gatewayStarts,
    hold: {
      requestsPerEnvironment: config.gatewayHeldPerTenant,
      bytesPerEnvironment: 32 * 1024 * 1024,
      requests: config.gatewayHeld,
      bytes: 128 * 1024 * 1024,
    },
  }
}

/** The limits as the gateway takes them. */
export function gatewayLimitsOf(config: Config<typeof gatewaySettings>): Partial<GatewayLimits> {
  return {
    bodyBytesMax: config.gatewayBodyBytes,
    requestHeadTimeoutMs: config.gatewayRequestHeadSeconds * 1000,
    requestIdleTimeoutMs: config.gatewayRequestIdleSeconds * 1000,
    connectTimeoutMs: config.gatewayConnectSeconds * 1000,
    answerTimeoutMs: config.gatewayAnswerSeconds * 1000,
    answerIdleTimeoutMs: config.gatewayAnswerIdleSeconds * 1000,
    drainMs: config.gatewayDrainSeconds * 1000,
  }
}
