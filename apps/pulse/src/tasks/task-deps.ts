import { createKinds, type Log } from '@pulse/api'
import { createEventRecorder, createPostgresObjects, systemClock } from '@pulse/engine'
import {
  type Administration,
  adminConnection,
  createAdministration,
  machinePlaces,
  type RuntimeLookup,
  type ServerConnection,
  socketFolder,
  type TaskDeps,
} from '@pulse/odoo'
import type { PulseConfig } from '../config.ts'
import { openMachine } from '../installation/machine.ts'
import { openStateDirectory } from '../installation/state-directory.ts'
import { checkLeaks, type LeakCheckDeps } from '../leaks/check-leaks.ts'
import { kindOptions } from '../server/parameters.ts'
import { storeConnection } from '../server/store-connection.ts'
import { createResults } from './results.ts'

export interface OpenTaskDeps extends Omit<TaskDeps, 'log'> {
  /** The one task that looks at the whole machine, and not at environments. */
  checkLeaks(run: Pick<LeakCheckDeps, 'log' | 'signal'>): Promise<void>
  close(): Promise<void>
}

export interface TaskDepsOptions {
  readonly config: PulseConfig
  readonly log: Log
  readonly runtimes: RuntimeLookup
}

/** What tasks work with on one machine: its PostgreSQL, its resources, its folders. */
export async function openTaskDeps({
  config,
  log,
  runtimes,
}: TaskDepsOptions): Promise<OpenTaskDeps> {
  const server = await serverOf(config)
  const administration: Administration = createAdministration(server)
  const registry = await createKinds(kindOptions(config))
  const objects = await createPostgresObjects({
    connection: storeConnection(server.admin, administration.registerDatabase),
    kinds: registry.findKind,
    log,
  })
  return {
    administration,
    results: createResults(objects),
    filestore: machinePlaces(config.stateDir),
    runtimes,
    now: () => new Date(),
    checkLeaks: (run) =>
      checkLeaks({
        ...{ administration, objects, kinds: registry.kinds, stateDir: config.stateDir },
        events: createEventRecorder({
          ...{ objects, log: run.log, clock: systemClock },
          component: 'pulse-task',
        }),
        ...run,
      }),
    close: () => objects.close(),
  }
}

/** The server that `pulse up` has opened on this state directory. */
async function serverOf({ databaseUrl, stateDir }: PulseConfig): Promise<ServerConnection> {
  if (databaseUrl !== undefined) return adminConnection({ url: databaseUrl })
  const { record, postgresAddress } = await openMachine(await openStateDirectory(stateDir))
  const run = socketFolder(stateDir)
  return adminConnection({ run, listenAddress: postgresAddress, port: record.postgresPort })
}
