import type { RestartPolicy } from './pod.ts'

/** kubelet's own figures: the first restart is at once, the second after 10 s, each further one waits twice as long. */
const firstMs = 10_000
const longestMs = 300_000
/** A container that ran this long is forgiven its past. */
const forgivenAfterMs = 600_000

export interface BackOff {
  /** How long to wait before the next start. */
  readonly delayMs: number
}

/** The wait after a run that ended; `previous` is what the last one got. */
export function nextBackOff(previous: BackOff | undefined, ranMs: number): BackOff {
  if (previous === undefined || ranMs >= forgivenAfterMs) return { delayMs: 0 }
  return { delayMs: Math.min(Math.max(previous.delayMs * 2, firstMs), longestMs) }
}

/** Whether a container that ended so is started again. */
export function restarts(policy: RestartPolicy, exitCode: number): boolean {
  if (policy === 'Always') return true
  return policy === 'OnFailure' && exitCode !== 0
}
