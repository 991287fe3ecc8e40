import { randomUUID } from 'node:crypto'
import type { Log } from '@pulse/api'
import { type Clock, runPurge } from '@pulse/engine'
import { type Administration, listTombstones, withConnection } from '@pulse/odoo'
import type { TaskJobs } from './task-jobs.ts'

export interface TombstonesDeps {
  readonly administration: Administration
  readonly jobs: TaskJobs
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

/** Destroys deleted tenants' data when its retention ends. Resolves after the signal. */
export function runTombstones(deps: TombstonesDeps): Promise<void> {
  const { administration, jobs, signal } = deps
  const register = { database: administration.registerDatabase, signal }
  return runPurge({
    ...deps,
    tombstones: {
      async next(limit) {
        const first = await withConnection(administration, register, (connection) =>
          listTombstones(connection, limit),
        )
        return first.map(({ environmentUid, expiresAt }) => ({ id: environmentUid, expiresAt }))
      },
      // A name for each attempt: the Job of a failed one stays for its log, and is not run again.
      drop: ({ id }) =>
        jobs.run('purge', [`--environment-uid=${id}`], `${id}-${randomUUID().slice(0, 8)}`),
    },
  })
}
