import { createHash } from 'node:crypto'
import type { KindDefinition, Log } from '@pulse/api'
import type { Parameters } from '@pulse/compositions'
import {
  type Clock,
  type ControllerObserver,
  type EventRecorder,
  type RestartableControllers,
  type RunningControllers,
  runControllers,
  runRestartable,
  type Store,
} from '@pulse/engine'
import type { Runtime } from '@pulse/odoo'
import type { Metrics } from '@pulse/service'
import { type ControllerDeps, makeControllers } from './controllers.ts'
import { observeControllers } from './machine-metrics.ts'
import type { Runtimes } from './runtimes.ts'

export interface EngineDeps {
  readonly objects: Store
  readonly events: EventRecorder
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  readonly kinds: readonly KindDefinition[]
  readonly metrics: Metrics
  /** What rests is looked at anew after this. */
  readonly roundsAfter?: Promise<unknown>
  readonly runtimes: Runtimes
  readonly parameters: Parameters
  readonly machine: ControllerDeps['machine']
}

/**
 * Runs all controllers. What compositions are told is fixed for a run; when a runtime is added or removed, the
 * controllers begin anew with it. Tenants do not notice: their processes are the pod runner's.
 */
export async function runEngine(deps: EngineDeps): Promise<RestartableControllers> {
  const { clock, log } = deps
  const observer = observeControllers(deps.metrics)
  const controllers = await runRestartable(
    (signal) => start({ ...deps, observer, signal: AbortSignal.any([deps.signal, signal]) }),
    { clock, log, random: Math.random },
  )
  deps.runtimes.onChange(controllers.restart)
  return controllers
}

/** Another one for whatever would be started otherwise. */
function revisionOf(runtime: Runtime): string {
  return createHash('sha256').update(JSON.stringify(runtime)).digest('hex').slice(0, 16)
}

async function start(
  deps: EngineDeps & { readonly observer: ControllerObserver },
): Promise<RunningControllers> {
  const { log, clock, signal, runtimes, observer, roundsAfter } = deps
  const objects = deps.objects.cached
  const all = runtimes.all()
  const majors = all.map(({ major }) => major)
  const standInMajors = all.filter(({ standIn }) => standIn).map(({ major }) => major)
  const revisions = Object.fromEntries(all.map((one) => [one.major, revisionOf(one)]))
  const controllers = makeControllers({
    ...{ ...deps, objects, exact: deps.objects },
    majors,
    parameters: { ...deps.parameters, majors, standInMajors, runtimes: revisions },
  })
  return runControllers(controllers, {
    ...{ objects, log, clock, signal, observer, roundsAfter },
    random: Math.random,
  })
}
