import type { Parameters } from '@pulse/compositions'
import type { Ground } from './ground.ts'
import { runStandbys } from './standbys.ts'
import { createTaskJobs } from './task-jobs.ts'
import { runTombstones } from './tombstones.ts'

/**
 * What works ahead and behind: databases made before they are wanted, deleted data at its end. Resolves after the
 * signal of the ground.
 */
export async function runHousekeeping(ground: Ground, parameters: Parameters): Promise<void> {
  const { administration, objects, clock, log, signal, postgres } = ground
  const jobs = createTaskJobs({ objects, parameters, clock, log, signal })
  const around = { administration, jobs, clock, log, signal }
  await Promise.all([
    runStandbys({ ...around, objects, dataFolder: postgres.dataFolder }),
    runTombstones(around),
  ])
}
