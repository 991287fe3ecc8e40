import type { Backend } from '../route-source.ts'
import type { EnvironmentLife } from './environment-life.ts'
import type { Place } from './ramp.ts'
import type { WakeCause } from './wake-facts.ts'

/** What a request gets when it asks for its environment. */
export type Turn = Go | NoTurn

/** It may be sent to this backend now; its life is told with `finish` or `refuse` what became of it. */
export interface Go {
  readonly type: 'go'
  readonly life: EnvironmentLife
  readonly backend: Backend
  /** Of one that has waited: the next of those who wait has it afterwards. */
  readonly place: Place | undefined
}

/** It is not sent anywhere, and this is why. */
export interface NoTurn {
  readonly type: 'none'
  readonly because: 'suspended' | 'disabled' | 'failed' | 'full' | 'late' | 'left' | 'unknown'
}

/** What is kept of a request while it waits. */
export interface Wanted {
  /** Of memory that it takes while it waits. */
  readonly bytes: number
  /** When it came, by the gateway's clock. */
  readonly since: number
  readonly cause: WakeCause
  /** It waits no longer than so many milliseconds for its turn; undefined: as long as its environment may take. */
  patienceMs?: number | undefined
  /** Calls back when the client leaves; the answer takes that back. */
  onLeft(run: () => void): () => void
}
