import type { Log } from '@pulse/api'
import type { Clock } from '../clock.ts'
import type { HoldQueue } from '../hold/hold-queue.ts'
import type { EnvironmentLife } from './environment-life.ts'
import type { LifeLimits } from './life-limits.ts'
import type { LifeState } from './life-state.ts'
import type { Places } from './places.ts'
import type { HoldFacts, Waiter } from './waiting-room.ts'
import type { WakeFacts } from './wake-facts.ts'
import type { Waker } from './waker.ts'

/** What all lives of one gateway share. */
export interface LifeDeps {
  /** Name of this gateway. */
  readonly self: string
  readonly waker: Waker
  readonly clock: Clock
  /** Epoch milliseconds, as people's orders have them. */
  readonly epoch: () => number
  readonly queue: HoldQueue<Waiter>
  /** For those that start. */
  readonly places: Places
  /** For questions to the store: of many at once the first would wait behind all. */
  readonly questions: Places
  readonly limits: LifeLimits
  readonly log: Log
  readonly signal: AbortSignal
  /** Whether something besides its users keeps it awake. */
  readonly isKept: (life: Pick<EnvironmentLife, 'environment' | 'sight'>) => boolean
  readonly onState: (environment: string, state: LifeState) => void
  readonly onWake: (facts: WakeFacts) => void
  readonly onHeld: (facts: HoldFacts) => void
}

/** For one question to somebody outside; it ends with the gateway, too. */
export function limitOf({ signal }: Pick<LifeDeps, 'signal'>, milliseconds: number): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(milliseconds)])
}
