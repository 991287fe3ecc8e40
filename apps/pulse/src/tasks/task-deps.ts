import { createKinds, type Log } from '@pulse/api'
import { createPostgresObjects } from '@pulse/engine'
import {
  type Administration,
  createAdministration,
  machinePlaces,
  type RuntimeLookup,
  type TaskDeps,
} from '@pulse/odoo'
import type { PulseConfig } from '../config.ts'
import { domainsOf } from '../server/parameters.ts'
import { machineConnection } from './machine-connection.ts'
import { createResults } from './results.ts'

export interface OpenTaskDeps extends Omit<TaskDeps, 'log'> {
  close(): Promise<void>
}

export interface TaskDepsOptions {
  readonly config: PulseConfig
  readonly log: Log
  readonly runtimes: RuntimeLookup
}

/** What tasks work with on one machine: its PostgreSQL, its resources, its folders. */
export async function openTaskDeps({ config, log, runtimes }: TaskDepsOptions): Promise<OpenTaskDeps> {
  const connection = await machineConnection(config)
  const administration: Administration = createAdministration(connection)
  const registry = await createKinds({ domains: domainsOf(config) })
  const objects = await createPostgresObjects({
    connection: { ...connection.store, database: administration.registerDatabase },
    kinds: registry.findKind,
    log,
  })
  return {
    administration,
    results: createResults(objects),
    filestore: machinePlaces(config.stateDir),
    runtimes,
    now: () => new Date(),
    close: () => objects.close(),
  }
}
