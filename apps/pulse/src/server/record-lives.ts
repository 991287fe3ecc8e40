import { apiVersion, type Log } from '@pulse/api'
import type { EventRecorder, Objects } from '@pulse/engine'
import type { Gateway, GatewayOptions, LifeState, RefusedSleep, WakeFacts } from '@pulse/gateway'
import type { Metrics } from '@pulse/service'
import type { LifeFigures } from '../figures/life-figures.ts'
import { refusedSleepNote } from '../figures/refused-sleep-note.ts'
import { createWarmWakes } from './warm-wakes.ts'

export interface LifeRecording {
  readonly metrics: Metrics
  readonly figures: LifeFigures
  /** The workers of a pool belong to nobody's sleep, and their starts are nobody's wakes. */
  readonly isInstance: (environment: string) => boolean
  /** Nothing of it is to run. */
  readonly isDown: (environment: string) => boolean
  readonly objects: Pick<Objects, 'get'>
  readonly events: EventRecorder
  readonly log: Log
}

type Hooks = Required<
  Pick<
    GatewayOptions,
    'onState' | 'onWake' | 'onHeld' | 'onRequest' | 'onRefused' | 'onRefusedSleep'
  >
>

export interface LifeRecorder {
  readonly hooks: Hooks
  /** It is gone, or another one by now: nothing that was remembered of it is told of the next one of its name. */
  forget(environment: string): void
}

/** Counts, logs and remembers how environments wake and go to sleep. */
export function recordLives(recording: LifeRecording): LifeRecorder {
  const { metrics, figures, log, isInstance, isDown } = recording
  const warmWakes = createWarmWakes()

  function countWake({ cause, temperature, durationMs, signalMs }: Omit<WakeFacts, 'environment'>) {
    const labels = { cause, temperature }
    metrics.record('pulse_gateway_wakes_total', 1, labels)
    metrics.record('pulse_gateway_wake_duration_seconds', durationMs / 1000, labels)
    if (signalMs === undefined) return
    metrics.record('pulse_gateway_wake_signal_seconds', signalMs / 1000)
  }

  return {
    hooks: {
      onState(environment, state) {
        log.info({ environment, state }, 'life')
        // The page that its visitors see says that operators are told. The reason may quote a tenant's own words.
        if (state === 'failed')
          log.warn({ environment }, 'it does not start: its conditions say why')
        // One that never sleeps is called asleep when it rests; it goes on running.
        const isAtRest = state === 'asleep' && !isDown(environment)
        if (isAtRest) warmWakes.rested(environment)
        if (isAtRest || !isInstance(environment)) return
        const before = figures.told(environment, state)
        if (before === 'draining' && state === 'awake') {
          metrics.record('pulse_gateway_aborted_sleeps_total', 1)
        }
        if (before !== undefined && before !== state && state === 'asleep') {
          metrics.record('pulse_gateway_sleeps_total', 1)
        }
      },
      onWake(facts) {
        countWake(facts)
        log.info({ ...facts }, 'woke')
        if (isInstance(facts.environment)) figures.woke(facts)
      },
      onRequest(facts) {
        const { environment } = facts
        const durationMs = warmWakes.finished(facts)
        if (environment === undefined || durationMs === undefined) return
        const wake = { environment, cause: 'request', temperature: 'warm', durationMs } as const
        countWake(wake)
        figures.woke(wake)
      },
      onHeld({ cause, durationMs, outcome }) {
        if (cause !== 'request') return
        metrics.record('pulse_gateway_hold_duration_seconds', durationMs / 1000, { outcome })
      },
      onRefused: (reason) => metrics.record('pulse_gateway_refused_total', 1, { reason }),
      onRefusedSleep(refused) {
        metrics.record('pulse_gateway_refused_sleeps_total', 1, { because: refused.because })
        void tell(refused, recording)
      },
    },
    forget(environment) {
      figures.forget(environment)
      warmWakes.forget(environment)
    },
  }
}

/** Says on the environment why it does not fall asleep. */
async function tell(refused: RefusedSleep, { objects, events, log }: LifeRecording) {
  const { environment } = refused
  log.info({ ...refused }, 'told to sleep and awake')
  try {
    const object = await objects.get({ apiVersion, kind: 'TenantEnvironment', name: environment })
    if (object !== undefined) await events.record(object, refusedSleepNote(refused))
  } catch (error) {
    log.warn({ err: error, environment }, 'cannot say why it does not fall asleep')
  }
}

const states: readonly LifeState[] = [
  'asleep',
  'starting',
  'awake',
  'draining',
  'stopping',
  'failed',
  'suspended',
  'disabled',
]

/** Of a gateway. */
interface Gauged {
  readonly lives: Pick<Gateway['lives'], 'held' | 'startsWaiting'>
  readonly parking: Pick<Gateway['parking'], 'counts'>
}

/** What is looked up when somebody reads the metrics. */
export function gaugeLives(metrics: Metrics, figures: LifeFigures, { lives, parking }: Gauged) {
  metrics.beforeText(() => {
    metrics.record('pulse_gateway_held_requests', lives.held)
    metrics.record('pulse_gateway_starts_waiting', lives.startsWaiting)
    for (const [state, count] of Object.entries(parking.counts())) {
      metrics.record('pulse_gateway_sockets', count, { state })
    }
    const counts = figures.countStates()
    for (const state of states) {
      metrics.record('pulse_gateway_environments', counts.get(state) ?? 0, { state })
    }
    for (const { environment, awakeMs, isOver } of figures.takeAwake()) {
      const labels = { environment }
      if (isOver) metrics.forget('pulse_gateway_awake_seconds_total', labels)
      else metrics.record('pulse_gateway_awake_seconds_total', awakeMs / 1000, labels)
    }
  })
}
