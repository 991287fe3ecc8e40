import type { Probe } from './probe-spec.ts'

/** The verdict of a probe over its last attempts. */
export interface ProbeState {
  readonly verdict: 'unknown' | 'passing' | 'failing'
  readonly streak: { readonly passed: boolean; readonly length: number }
}

export const untried: ProbeState = {
  verdict: 'unknown',
  streak: { passed: false, length: 0 },
}

/** The state after one more attempt: a verdict changes only when its threshold is reached without a break. */
export function afterAttempt(state: ProbeState, passed: boolean, probe: Probe): ProbeState {
  const length = state.streak.passed === passed ? state.streak.length + 1 : 1
  const threshold = passed ? probe.successThreshold : probe.failureThreshold
  const verdict = length >= threshold ? (passed ? 'passing' : 'failing') : state.verdict
  return { verdict, streak: { passed, length } }
}

/** In this time everything starts that starts as it should: its next try is not put off. */
const promptlyMs = 10_000

/**
 * How long to wait for the next try of a first success, after so many milliseconds of failures: what takes long is found
 * a twentieth later, and what never comes up costs no more than a kubelet's period would.
 */
export function startupPauseMs(
  promptMs: number,
  waitedMs: number,
  { periodSeconds }: Probe,
): number {
  if (waitedMs < promptlyMs) return promptMs
  return Math.max(promptMs, Math.min(waitedMs / 20, periodSeconds * 1000))
}

/** How long a startup probe may fail: kubelet's attempts times its period, whatever our own rhythm. */
export function startupBudgetMs(probe: Probe): number {
  return (probe.initialDelaySeconds + probe.failureThreshold * probe.periodSeconds) * 1000
}
