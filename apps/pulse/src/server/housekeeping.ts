import type { Parameters } from '@pulse/compositions'
import type { PodRunner } from '@pulse/engine'
import type { LineState } from '@pulse/odoo'
import { recyclingLimitsOf } from '../recycling-settings.ts'
import type { Ground } from './ground.ts'
import type { Latest } from './latest.ts'
import { recycleWorkers } from './recycling/recycle-workers.ts'
import type { Runtimes } from './runtimes.ts'
import { runStandbys } from './standbys.ts'
import { createTaskJobs } from './task-jobs.ts'

export interface HousekeepingOptions {
  readonly runner: Pick<PodRunner, 'memory'>
  readonly runtimes: Pick<Runtimes, 'find'>
  /** Told after each round how standbys stand. */
  readonly standbys: Pick<Latest<readonly LineState[]>, 'set'>
}

/**
 * What works ahead: databases made before they are wanted, workers replaced before they are too large. What comes at
 * set times is `scheduled-tasks.ts`. Resolves after the signal of the ground.
 */
export async function runHousekeeping(
  ground: Ground,
  parameters: Parameters,
  { runner, runtimes, standbys }: HousekeepingOptions,
): Promise<void> {
  const { administration, objects, clock, log, signal, postgres, config } = ground
  const jobs = createTaskJobs({ objects, parameters, clock, log, signal })
  const around = { administration, jobs, clock, log, signal }
  await Promise.all([
    runStandbys({
      ...{ ...around, objects, onStandbys: standbys.set },
      runtimes: runtimes.find,
      dataFolder: postgres.dataFolder,
    }),
    recycleWorkers({ ...ground, memory: runner.memory, limits: recyclingLimitsOf(config) }),
  ])
}
