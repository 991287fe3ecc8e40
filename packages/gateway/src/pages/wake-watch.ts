import type { LifeState } from '../life/life-state.ts'
import type { WakePhase, WakeState } from './wake-status.ts'

/** What is known of an environment beside its state. */
export interface SeenOfWake {
  /** By its own history; what others take, if it has none. */
  readonly expectedMs: number
  /** Its process has an address: it has been started. */
  readonly hasAddress: boolean
  /** Until when nobody starts it, by the clock; infinite while its process is being restarted all along. */
  readonly failedUntil?: number
  /** For everybody to read. */
  readonly reason?: string
}

/** Remembers since when environments are being woken, and how often in a row, for those who wait before the page. */
export interface WakeWatch {
  /** To be told of each change of state. */
  note(environment: string, state: LifeState): void
  stateOf(environment: string, state: LifeState | undefined, seen: SeenOfWake): WakeState
  /** It is gone, or another one by now: how often its start has failed is no matter of that one's. */
  forget(environment: string): void
}

interface Waking {
  readonly startedAtMs: number
  readonly attempt: number
}

interface Watched extends Waking {
  readonly hasFailed: boolean
}

/** `now`: monotonic milliseconds, those of `failedUntil`. */
export function createWakeWatch(now: () => number): WakeWatch {
  const waking = new Map<string, Watched>()

  /** Whoever was wanted while its last process still ended is on the same attempt once it starts. */
  function begin(environment: string): Waking {
    const last = waking.get(environment)
    if (last !== undefined && !last.hasFailed) return last
    const begun = { startedAtMs: now(), attempt: (last?.attempt ?? 0) + 1, hasFailed: false }
    waking.set(environment, begun)
    return begun
  }

  function fail(environment: string) {
    const last = waking.get(environment)
    if (last !== undefined) waking.set(environment, { ...last, hasFailed: true })
  }

  return {
    note(environment, state) {
      if (state === 'starting') begin(environment)
      else if (state === 'failed') fail(environment)
      // What has failed is counted until it is up, or until nobody wants it any more.
      else if (state !== 'stopping') waking.delete(environment)
    },
    stateOf(environment, state, seen) {
      if (state === 'awake' || state === 'draining') return { state: 'ready' }
      if (state === 'starting' || state === 'stopping') {
        const { startedAtMs, attempt } = waking.get(environment) ?? begin(environment)
        const phase = phaseOf(startedAtMs, seen, now())
        return { state: 'waking', startedAtMs, attempt, expectedMs: seen.expectedMs, phase }
      }
      return state === 'failed' ? failure(seen) : { state: 'asleep' }
    },
    forget: (environment) => void waking.delete(environment),
  }
}

/** A process that has an address loads its database; when that will be through only the clock can guess. */
function phaseOf(startedAtMs: number, seen: SeenOfWake, now: number): WakePhase {
  if (!seen.hasAddress) return 'starting'
  return now - startedAtMs < 0.9 * seen.expectedMs ? 'loading' : 'almost'
}

function failure({ failedUntil, reason }: SeenOfWake): WakeState {
  return {
    state: 'failed',
    ...(failedUntil !== undefined && Number.isFinite(failedUntil) && { retryAtMs: failedUntil }),
    ...(reason !== undefined && { reason }),
  }
}
