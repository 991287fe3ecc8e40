/** How far a wake has come. */
export type WakePhase = 'starting' | 'loading' | 'almost'

/** A wake that goes on; times are of one clock, in milliseconds. */
export interface WakeProgress {
  readonly startedAtMs: number
  /** By the environment's own history. */
  readonly expectedMs: number
  readonly phase: WakePhase
  /** 1 for the first. */
  readonly attempt: number
}

/** What is told about a wake to those who wait for it. */
export type WakeState =
  | ({ readonly state: 'waking' } & WakeProgress)
  | { readonly state: 'ready' }
  /** Nobody wakes it at the moment; the next visit will. */
  | { readonly state: 'asleep' }
  /**
   * The last attempts failed; a visit wakes it again after that time, or it is being tried all along. Everybody may read
   * the reason, so it names nothing internal.
   */
  | { readonly state: 'failed'; readonly retryAtMs?: number; readonly reason?: string }
  /** Woken too often; a visit wakes it again after that time. */
  | { readonly state: 'limited'; readonly retryAtMs?: number }

/** The body of `GET /.pulse/wake`: durations only, since the client has another clock. */
export interface WakeStatus {
  readonly state: WakeState['state']
  readonly phase?: WakePhase
  /** From 0 to 1; never goes back within an attempt. */
  readonly progress?: number
  /** How long it will still take; null when it takes longer than it ever did. */
  readonly etaMs?: number | null
  readonly retryInMs?: number
  readonly reason?: string
}

/** Where the waiting page asks; served by the gateway on every tenant's host. It neither wakes nor is activity. */
export const wakeStatusPath = '/.pulse/wake'

/** What is told of a state at a time. */
export function wakeStatus(wake: WakeState, nowMs: number): WakeStatus {
  switch (wake.state) {
    case 'waking':
      return {
        state: 'waking',
        phase: wake.phase,
        progress: progressOf(wake, nowMs),
        etaMs: etaOf(wake, nowMs),
      }
    case 'failed':
    case 'limited':
      return {
        state: wake.state,
        ...(wake.retryAtMs !== undefined && {
          retryInMs: Math.max(0, Math.round(wake.retryAtMs - nowMs)),
        }),
        ...('reason' in wake && wake.reason !== undefined && { reason: wake.reason }),
      }
    default:
      return { state: wake.state }
  }
}

/** By the clock as far as the phase bears it out: no bar stands at 90 % before the process is up. */
function progressOf(wake: WakeProgress, nowMs: number): number {
  const [least, most] = boundsOf[wake.phase]
  const share = Math.max(0, nowMs - wake.startedAtMs) / Math.max(1, wake.expectedMs)
  // On time up to 0.9; what takes longer comes ever slower towards 1, and never stands still.
  const byTime = share <= 1 ? 0.9 * share : 0.9 + 0.09 * (1 - Math.exp(1 - share))
  return Math.round(Math.min(most, Math.max(least, byTime)) * 1_000) / 1_000
}

const boundsOf = { starting: [0, 0.5], loading: [0.35, 0.9], almost: [0.9, 0.99] } as const

function etaOf(wake: WakeProgress, nowMs: number): number | null {
  const leftMs = Math.round(wake.startedAtMs + wake.expectedMs - nowMs)
  return leftMs > 0 ? leftMs : null
}
