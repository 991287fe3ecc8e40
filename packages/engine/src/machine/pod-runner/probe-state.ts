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

/** How long a startup probe may fail: kubelet's attempts times its period, whatever our own rhythm. */
export function startupBudgetMs(probe: Probe): number {
  return (probe.initialDelaySeconds + probe.failureThreshold * probe.periodSeconds) * 1000
}
