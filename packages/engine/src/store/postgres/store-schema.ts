import type { Log } from '@pulse/api'
import { type ConnectionOptions, createPool } from './connection.ts'
import { migrateBack, type SchemaVersions, schemaVersions } from './migrate.ts'

/** The versions of the store's tables, where no store is open on them. */
export interface StoreSchema {
  versions(): Promise<SchemaVersions>
  /** For an older release; what a newer one has added goes. */
  back(to: number): Promise<void>
  close(): Promise<void>
}

export function openStoreSchema(connection: ConnectionOptions, log: Log): StoreSchema {
  const pool = createPool(connection, log)
  return {
    versions: () => pool.withSession(schemaVersions),
    back: (to) => pool.withSession((session) => migrateBack(session, to)),
    close: pool.close,
  }
}
