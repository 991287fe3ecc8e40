import type { Clock } from '../../clock.ts'
import { pause } from '../../pause.ts'
import { type AttemptContext, attempt } from './attempt.ts'
import type { Moment } from './moment.ts'
import type { Container } from './pod.ts'
import type { Probe } from './probe-spec.ts'
import {
  afterAttempt,
  type ProbeState,
  startupBudgetMs,
  startupPauseMs,
  untried,
} from './probe-state.ts'

/**
 * How often a startup probe is tried until it first succeeds. A kubelet's grain of one second would be half of the
 * time in which a whole tenant is made here; a refused connection costs next to nothing.
 */
const startupIntervalMs = 75
/** A command is a process: it costs more than a refused connection. */
const startupExecIntervalMs = 500

export interface ProberInput extends AttemptContext {
  readonly container: Container
  /** An adopted container that had its startup is not judged by its startup probe again, nor unready until it fails. */
  readonly before: Moment
  readonly clock: Clock
  readonly onStarted: () => void
  readonly onReady: (ready: boolean, message: string) => void
  /** The container must be started anew. */
  readonly onFailed: (probe: 'startup' | 'liveness', message: string) => void
}

/** Probes a running container until the signal: startup first, then readiness and liveness side by side. */
export async function probeContainer(input: ProberInput, signal: AbortSignal): Promise<void> {
  const { container, before, onStarted, onReady, onFailed } = input
  if (container.startupProbe && !before.started) {
    const failure = await untilPassing(container.startupProbe, input, signal)
    if (signal.aborted) return
    if (failure !== undefined) return onFailed('startup', failure)
  }
  onStarted()
  const { readinessProbe, livenessProbe } = container
  if (!readinessProbe) onReady(true, '')
  await Promise.all([
    readinessProbe && followReadiness(readinessProbe, input, signal),
    livenessProbe &&
      periodically(livenessProbe, input, {
        signal,
        from: untried,
        onVerdict: (alive, message) => {
          if (!alive) onFailed('liveness', message)
        },
      }),
  ])
}

/** Until it is first ready, a container is asked as often as while it starts: someone waits for it. */
async function followReadiness(probe: Probe, input: ProberInput, signal: AbortSignal) {
  const { onReady, before } = input
  let from: ProbeState = before.ready ? { ...untried, verdict: 'passing' } : untried
  if (!before.ready && probe.successThreshold === 1) {
    const failure = await untilPassing(probe, input, signal)
    if (signal.aborted) return
    from = { verdict: failure === undefined ? 'passing' : 'failing', streak: untried.streak }
    onReady(failure === undefined, failure ?? '')
    await pause(probe.periodSeconds * 1000, input.clock, signal)
  }
  await periodically({ ...probe, initialDelaySeconds: 0 }, input, {
    signal,
    from,
    onVerdict: onReady,
  })
}

/** Undefined when it passed; else why not, when its time was over. */
async function untilPassing(
  probe: Probe,
  input: ProberInput,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { clock } = input
  const begun = clock.elapsed()
  const interval = probe.handler.type === 'exec' ? startupExecIntervalMs : startupIntervalMs
  await pause(probe.initialDelaySeconds * 1000, clock, signal)
  while (!signal.aborted) {
    const failure = await once(probe, input, signal)
    if (failure === undefined) return undefined
    const waited = clock.elapsed() - begun
    if (waited >= startupBudgetMs(probe)) return failure
    await pause(startupPauseMs(interval, waited, probe), clock, signal)
  }
  return undefined
}

interface Periodic {
  readonly signal: AbortSignal
  readonly from: ProbeState
  /** Called when the verdict changes. */
  readonly onVerdict: (passing: boolean, message: string) => void
}

async function periodically(
  probe: Probe,
  input: ProberInput,
  { signal, from, onVerdict }: Periodic,
) {
  let state = from
  await pause(probe.initialDelaySeconds * 1000, input.clock, signal)
  while (!signal.aborted) {
    const failure = await once(probe, input, signal)
    if (signal.aborted) return
    const next = afterAttempt(state, failure === undefined, probe)
    if (next.verdict !== state.verdict && next.verdict !== 'unknown') {
      onVerdict(next.verdict === 'passing', failure ?? '')
    }
    state = next
    await pause(probe.periodSeconds * 1000, input.clock, signal)
  }
}

async function once(probe: Probe, input: ProberInput, signal: AbortSignal) {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(probe.timeoutSeconds * 1000)])
  return attempt(probe.handler, input, limit)
}
