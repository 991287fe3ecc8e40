import type { ParkedLimits } from '@pulse/gateway'
import { type Config, defineSettings } from '@pulse/service'
import Type from 'typebox'

/** What open tabs may take: their WebSockets stay while their tenants sleep. The defaults are the gateway's own. */
export const parkedSettings = defineSettings({
  parkedSockets: {
    env: 'PLANA_GATEWAY_SOCKETS_MAX',
    schema: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    default: 20_000,
    description: 'WebSockets that may be open in all; each takes a file descriptor, awake two',
  },
  parkedSocketsPerTenant: {
    env: 'PLANA_GATEWAY_SOCKETS_PER_TENANT_MAX',
    schema: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    default: 5_000,
    description: 'the same of one environment',
  },
  parkedBytes: {
    env: 'PLANA_GATEWAY_SOCKETS_MEMORY_MAX_BYTES',
    schema: Type.Integer({ minimum: 64 * 1024, maximum: 1024 ** 4 }),
    default: 64 * 1024 * 1024,
    description: 'memory for what is kept of WebSockets until their tenant is awake, in all',
  },
  parkedBytesPerTenant: {
    env: 'PLANA_GATEWAY_SOCKETS_PER_TENANT_MEMORY_MAX_BYTES',
    schema: Type.Integer({ minimum: 64 * 1024, maximum: 1024 ** 4 }),
    default: 8 * 1024 * 1024,
    description: 'the same for one environment',
  },
  parkedPingSeconds: {
    env: 'PLANA_GATEWAY_SOCKET_PING_SECONDS',
    schema: Type.Number({ minimum: 1, maximum: 3600 }),
    default: 30,
    description:
      'how long a WebSocket may be silent before it is asked whether it is still there; behind a load balancer, shorter than there',
  },
  parkedReturnSeconds: {
    env: 'PLANA_GATEWAY_SOCKET_RETURN_MAX_SECONDS',
    schema: Type.Number({ minimum: 0.1, maximum: 3600 }),
    default: 30,
    description:
      'over how long the WebSockets of a tenant that is awake again come back to it, at most',
  },
  parkedReturnsPerSecond: {
    env: 'PLANA_GATEWAY_SOCKET_RETURNS_PER_SECOND_MAX',
    schema: Type.Integer({ minimum: 1, maximum: 100_000 }),
    default: 200,
    description:
      'how many come back in a second in all; whoever has just said something waits less',
  },
  parkedReturnsPerSecondPerTenant: {
    env: 'PLANA_GATEWAY_SOCKET_RETURNS_PER_TENANT_PER_SECOND_MAX',
    schema: Type.Integer({ minimum: 1, maximum: 100_000 }),
    default: 20,
    description: 'the same to one environment',
  },
})

/** The limits as the gateway takes them. */
export function parkedLimitsOf(config: Config<typeof parkedSettings>): Partial<ParkedLimits> {
  return {
    sockets: config.parkedSockets,
    socketsPerEnvironment: config.parkedSocketsPerTenant,
    memoryBytes: config.parkedBytes,
    memoryBytesPerEnvironment: config.parkedBytesPerTenant,
    pingMs: config.parkedPingSeconds * 1000,
    jitterMs: config.parkedReturnSeconds * 1000,
    attachesPerSecond: config.parkedReturnsPerSecond,
    attachesPerSecondPerEnvironment: config.parkedReturnsPerSecondPerTenant,
  }
}
