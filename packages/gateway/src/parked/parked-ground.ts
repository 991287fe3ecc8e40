import type { Clock } from '../clock.ts'
import type { RefusedBy } from '../forward/forwarded.ts'
import type { RouteSource } from '../route-source.ts'
import type { AttachQueue } from './attach-queue.ts'
import type { KnownSessions } from './known-sessions.ts'
import type { MemoryBudget } from './memory-budget.ts'
import type { ParkedLimits } from './parked-limits.ts'
import type { ParkedProtocol } from './parked-protocol.ts'
import type { SocketLife } from './socket-life.ts'

/** What all parked sockets of a gateway stand on. */
export interface ParkedGround {
  readonly protocol: ParkedProtocol
  readonly life: SocketLife
  readonly routes: RouteSource
  readonly limits: ParkedLimits
  readonly clock: Clock
  /** From 0 to 1. */
  readonly random: () => number
  readonly queue: AttachQueue
  readonly budget: MemoryBudget
  readonly sessions: KnownSessions
  /** A backend took nothing of a handshake. */
  readonly onRefused?: (reason: RefusedBy) => void
}
