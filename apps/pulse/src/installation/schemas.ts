import { openStoreSchema, type StoreSchema } from '@pulse/engine'
import {
  createAdministration,
  migrateRegisterBack,
  openPostgres,
  registerVersions,
  withConnection,
} from '@pulse/odoo'
import { createLog } from '@pulse/service'
import type { PulseConfig } from '../config.ts'
import { storeConnection } from '../server/store-connection.ts'
import { openMachine } from './machine.ts'
import { openStateDirectory } from './state-directory.ts'

/** Pulse's own tables, while no server works on them. */
export interface Schemas extends AsyncDisposable {
  readonly store: Pick<StoreSchema, 'versions' | 'back'>
  readonly register: Pick<StoreSchema, 'versions' | 'back'>
}

/** Starts PostgreSQL if it does not run, and ends it again with the last use. */
export async function openSchemas(
  { stateDir, databaseUrl }: PulseConfig,
  signal: AbortSignal,
): Promise<Schemas> {
  const log = createLog('silent')
  await using stack = new AsyncDisposableStack()
  const state = await openStateDirectory(stateDir)
  const machine = await openMachine(state)
  const postgres = await openPostgres({
    stateDir: state.root,
    url: databaseUrl,
    listenAddress: machine.postgresAddress,
    port: machine.record.postgresPort,
    log,
    signal,
  })
  stack.defer(async () => {
    if (!postgres.adopted) await postgres.stop()
  })
  const administration = createAdministration(postgres)
  const { registerDatabase: database } = administration
  const store = openStoreSchema(storeConnection(postgres.admin, database), log)
  stack.defer(() => store.close())
  const opened = stack.move()
  return {
    store,
    register: {
      versions: () => withConnection(administration, { database, signal }, registerVersions),
      back: (to) =>
        withConnection(administration, { database, signal }, (connection) =>
          migrateRegisterBack(connection, to),
        ),
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}
