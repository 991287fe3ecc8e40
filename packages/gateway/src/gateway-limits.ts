import type { ConnectionLimits } from './limits/connection-bounds.ts'

/** What one client, one backend may take of the gateway. */
export interface GatewayLimits extends ConnectionLimits {
  readonly bodyBytesMax: number
  /** How long a client may take for the head of a request. */
  readonly requestHeadTimeoutMs: number
  /** How long a connection stays open without a request. */
  readonly keepAliveTimeoutMs: number
  /** The longest pause within the body of a request, and what a body begins with: waiting spends it, bytes earn it back. */
  readonly requestIdleTimeoutMs: number
  /** What a body has to bring on average, that is what a second of waiting costs. */
  readonly bodyBytesPerSecondMin: number
  /** So much of a body is kept to send it again, should its backend turn out to be the wrong one. */
  readonly keptBodyBytesMax: number
  /** The same for all requests together; beyond it a body is taken for one that is too large to be kept. */
  readonly keptBytesMax: number
  readonly connectTimeoutMs: number
  /** How long a backend may take to prove who it is before a large body is sent to it. */
  readonly identityTimeoutMs: number
  /** How long a backend may take for the head of its answer, or for that of a handshake. */
  readonly answerTimeoutMs: number
  /** How long a backend may pause within the body of its answer. */
  readonly answerIdleTimeoutMs: number
  /** How long a client may take nothing of its answer; one that takes it slowly may go on. */
  readonly answerStallTimeoutMs: number
  /** How long open requests get when the gateway closes. */
  readonly drainMs: number
}

export const defaultGatewayLimits: GatewayLimits = {
  bodyBytesMax: 4 * 1024 ** 3,
  requestHeadTimeoutMs: 30_000,
  keepAliveTimeoutMs: 5_000,
  connectionsMax: 50_000,
  connectionsPerAddressMax: 1_000,
  // Whoever is on this machine: a proxy, a tunnel.
  sharedAddresses: ['127.0.0.0/8', '::1'],
  requestIdleTimeoutMs: 60_000,
  bodyBytesPerSecondMin: 500,
  keptBodyBytesMax: 1024 * 1024,
  keptBytesMax: 64 * 1024 * 1024,
  connectTimeoutMs: 5_000,
  identityTimeoutMs: 2_000,
  answerTimeoutMs: 300_000,
  answerIdleTimeoutMs: 300_000,
  answerStallTimeoutMs: 60_000,
  drainMs: 10_000,
}
