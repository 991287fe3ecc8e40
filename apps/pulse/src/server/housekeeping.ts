import type { Parameters } from '@pulse/compositions'
import type { PodRunner } from '@pulse/engine'
import { recyclingLimitsOf } from '../recycling-settings.ts'
import type { Ground } from './ground.ts'
import { recycleWorkers } from './recycling/recycle-workers.ts'
import type { Runtimes } from './runtimes.ts'
import { runStandbys } from './standbys.ts'
import { createTaskJobs } from './task-jobs.ts'

/**
 * What works ahead: databases made before they are wanted, workers replaced before they are too large. What comes at
 * set times is `scheduled-tasks.ts`. Resolves after the signal of the ground.
 */
export async function runHousekeeping(
  ground: Ground,
  parameters: Parameters,
  {
    runner,
    runtimes,
  }: { readonly runner: Pick<PodRunner, 'memory'>; readonly runtimes: Pick<Runtimes, 'find'> },
): Promise<void> {
  const { administration, objects, clock, log, signal, postgres, config } = ground
  const jobs = createTaskJobs({ objects, parameters, clock, log, signal })
  const around = { administration, jobs, clock, log, signal }
  await Promise.all([
    runStandbys({ ...around, objects, runtimes: runtimes.find, dataFolder: postgres.dataFolder }),
    recycleWorkers({ ...ground, memory: runner.memory, limits: recyclingLimitsOf(config) }),
  ])
}
