import { availableParallelism } from 'node:os'
import { entitlements, tiers } from '@pulse/api'
import type { AdmissionSettings, GatewayLimits, LifeLimits } from '@pulse/gateway'
import { type Config, defineSettings } from '@pulse/service'
import Type from 'typebox'

const seconds = (maximum: number) => Type.Number({ minimum: 0.1, maximum })

const hour = 3600

const wakesByTier = tiers.map((tier) => `${entitlements[tier].wakesPerHour} (${tier})`).join(', ')

/**
 * What the gateway allows clients and workers to take. The defaults are the gateway's own, which a test compares: each
 * command reads the settings, and none but `up` should have to load the gateway for them.
 */
export const gatewaySettings = defineSettings({
  gatewayBodyBytes: {
    env: 'PLANA_GATEWAY_BODY_MAX_BYTES',
    schema: Type.Integer({ minimum: 64 * 1024, maximum: 1024 ** 4 }),
    default: 4 * 1024 ** 3,
    description:
      'largest body of a request, such as an upload, which is passed on as it comes; Odoo itself takes 128 MiB, except where a route of its own allows more',
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
    description:
      'how long the body of a request may be waited for, at its beginning and ever after at most: waiting spends it, and what is sent earns it back, by PLANA_GATEWAY_BODY_BYTES_PER_SECOND_MIN',
  },
  gatewayBodyBytesPerSecond: {
    env: 'PLANA_GATEWAY_BODY_BYTES_PER_SECOND_MIN',
    schema: Type.Integer({ minimum: 1, maximum: 1024 ** 3 }),
    default: 500,
    description:
      'bytes that the body of a request has to bring each second on average, while it is waited for',
  },
  gatewayKeepAliveSeconds: {
    env: 'PLANA_GATEWAY_KEEP_ALIVE_TIMEOUT_SECONDS',
    schema: seconds(hour),
    default: 5,
    description:
      'how long a connection stays open without a request; behind a load balancer, longer than there',
  },
  gatewayConnections: {
    env: 'PLANA_GATEWAY_CONNECTIONS_MAX',
    schema: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    default: 50_000,
    description: 'connections of clients that may be open at the same time',
  },
  gatewayConnectionsPerAddress: {
    env: 'PLANA_GATEWAY_CONNECTIONS_PER_ADDRESS_MAX',
    schema: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    default: 1_000,
    description:
      'the same from one client address (IPv6: one /64), other than loopback and trusted proxies',
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
  gatewayAnswerStallSeconds: {
    env: 'PLANA_GATEWAY_ANSWER_STALL_TIMEOUT_SECONDS',
    schema: seconds(24 * hour),
    default: 60,
    description:
      'how long a client may take nothing of its answer; one that takes it slowly may go on',
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
  gatewaySuspendGraceSeconds: {
    env: 'PLANA_GATEWAY_SUSPEND_GRACE_SECONDS',
    schema: seconds(hour),
    default: 30,
    description:
      'how long requests that are under way may go on after their tenant was suspended or disabled; then they are cut',
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
    default: () => Math.max(2, availableParallelism()),
    defaultText: 'number of cores, at least 2',
    description:
      'environments that may be starting at the same time; others wait their turn. More of them at once only make each slower',
  },
  gatewayHeldPerTenant: {
    env: 'PLANA_GATEWAY_HELD_PER_TENANT_MAX',
    schema: Type.Integer({ minimum: 1, maximum: 100_000 }),
    default: 300,
    description: 'requests that may wait for one environment to wake',
  },
  gatewayHeld: {
    env: 'PLANA_GATEWAY_HELD_MAX',
    schema: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    default: 20_000,
    description: 'requests that may wait in all',
  },
  gatewayTrustedProxies: {
    env: 'PLANA_GATEWAY_TRUSTED_PROXIES',
    schema: Type.Array(Type.String({ pattern: '^[0-9A-Fa-f]*[.:][0-9A-Fa-f.:]*(/[0-9]{1,3})?$' }), {
      maxItems: 200,
    }),
    default: [],
    defaultText: 'none',
    description:
      'proxies before the gateway, with commas, as addresses or ranges: what they say of a client is believed',
  },
  gatewayMonitors: {
    env: 'PLANA_GATEWAY_MONITORS',
    schema: Type.Array(Type.String({ minLength: 4, maxLength: 200 }), { maxItems: 200 }),
    default: [],
    defaultText: 'none but well-known ones',
    description:
      'further monitors, with commas, as addresses, ranges, or parts of their User-Agent: they wake nobody',
  },
  gatewayTenantWakes: {
    env: 'PLANA_GATEWAY_TENANT_WAKES_PER_HOUR_MAX',
    schema: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
    default: undefined,
    defaultText: wakesByTier,
    description: 'how often visitors without a session or a login may wake one environment',
  },
  gatewayAddressWakes: {
    env: 'PLANA_GATEWAY_ADDRESS_WAKES_PER_HOUR_MAX',
    schema: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    default: 100,
    description:
      'how often visitors from one address may wake environments; an IPv6 /64 counts as one',
  },
  gatewayWakes: {
    env: 'PLANA_GATEWAY_WAKES_PER_MINUTE_MAX',
    schema: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    default: 1_000,
    description: 'how often visitors may wake environments in all',
  },
  gatewayCopiesBytes: {
    env: 'PLANA_GATEWAY_COPIES_MAX_BYTES',
    schema: Type.Integer({ minimum: 1024 ** 2, maximum: 1024 ** 4 }),
    default: 64 * 1024 * 1024,
    description: 'memory for kept copies of unchanging answers, in all; the same body counts once',
  },
  gatewayCopiesPerTenantBytes: {
    env: 'PLANA_GATEWAY_COPIES_PER_TENANT_MAX_BYTES',
    schema: Type.Integer({ minimum: 64 * 1024, maximum: 1024 ** 4 }),
    default: 16 * 1024 * 1024,
    description: 'the same for one environment',
  },
})

/** Who may wake whom, and how much is kept, as the gateway takes it. */
export function admissionLimitsOf(
  config: Config<typeof gatewaySettings>,
): Pick<AdmissionSettings, 'trustedProxies' | 'wakes' | 'kept'> {
  return {
    trustedProxies: config.gatewayTrustedProxies,
    wakes: {
      addressPerHour: config.gatewayAddressWakes,
      allPerMinute: config.gatewayWakes,
    },
    kept: {
      bytes: config.gatewayCopiesBytes,
      bytesPerEnvironment: config.gatewayCopiesPerTenantBytes,
    },
  }
}

/** How it puts to sleep and wakes, as the gateway takes it. */
export function lifeLimitsOf(config: Config<typeof gatewaySettings>): Partial<LifeLimits> {
  return {
    graceMs: config.gatewaySleepGraceSeconds * 1000,
    overstayMs: config.gatewaySuspendGraceSeconds * 1000,
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
    bodyBytesPerSecondMin: config.gatewayBodyBytesPerSecond,
    keepAliveTimeoutMs: config.gatewayKeepAliveSeconds * 1000,
    connectionsMax: config.gatewayConnections,
    connectionsPerAddressMax: config.gatewayConnectionsPerAddress,
    connectTimeoutMs: config.gatewayConnectSeconds * 1000,
    answerTimeoutMs: config.gatewayAnswerSeconds * 1000,
    answerIdleTimeoutMs: config.gatewayAnswerIdleSeconds * 1000,
    answerStallTimeoutMs: config.gatewayAnswerStallSeconds * 1000,
    drainMs: config.gatewayDrainSeconds * 1000,
  }
}
