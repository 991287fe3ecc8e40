/** What parked sockets may take of the gateway, and of the tenants when they come back. */
export interface ParkedLimits {
  readonly socketsPerEnvironment: number
  readonly sockets: number
  readonly clientMessageBytesMax: number
  /** A backend that comes back after long may have much to tell at once. */
  readonly backendMessageBytesMax: number
  /** What waits for a slow reader; above it the writer is not read. */
  readonly bufferedBytesMax: number
  /** A reader that takes nothing for so long is cut; one that takes some of it may go on. */
  readonly stallMs: number
  /** Of one socket, until its backend is there. Odoo refuses more than ten messages in two seconds. */
  readonly heldMessagesMax: number
  /** All that is kept and held in memory. */
  readonly memoryBytesPerEnvironment: number
  readonly memoryBytes: number
  /** How often a silent peer is asked whether it is still there; after two questions it is not. */
  readonly pingMs: number
  /** The longest wait before a backend is attached anew, and before it is tried again. */
  readonly jitterMs: number
  readonly attachesPerSecondPerEnvironment: number
  readonly attachesPerSecond: number
  /** How long a wake may take that a held message waits for. */
  readonly wakeTimeoutMs: number
  readonly connectTimeoutMs: number
  /** For the answer to a handshake that nobody waits for, and to a question about its session. */
  readonly answerTimeoutMs: number
  /** How long the other side gets for its close frame. */
  readonly closeTimeoutMs: number
}

export const defaultParkedLimits: ParkedLimits = {
  socketsPerEnvironment: 5_000,
  sockets: 20_000,
  clientMessageBytesMax: 1024 * 1024,
  backendMessageBytesMax: 16 * 1024 * 1024,
  bufferedBytesMax: 256 * 1024,
  stallMs: 60_000,
  heldMessagesMax: 6,
  memoryBytesPerEnvironment: 8 * 1024 * 1024,
  memoryBytes: 64 * 1024 * 1024,
  pingMs: 30_000,
  jitterMs: 30_000,
  attachesPerSecondPerEnvironment: 20,
  attachesPerSecond: 200,
  wakeTimeoutMs: 300_000,
  connectTimeoutMs: 5_000,
  answerTimeoutMs: 30_000,
  closeTimeoutMs: 5_000,
}
