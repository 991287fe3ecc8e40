import { randomUUID } from 'node:crypto'
import type { Log } from '@pulse/api'
import type { KindLookup, Store } from '../../objects.ts'
import { createStore } from '../create-store.ts'
import { createChangeFeed } from './change-feed.ts'
import { type ConnectionOptions, createPool } from './connection.ts'
import { migrate } from './migrate.ts'
import { readPage } from './page.ts'
import { createReader } from './read-objects.ts'
import { readRelated } from './related.ts'
import { createRows } from './rows.ts'
import { transactOn } from './transaction.ts'

export interface PostgresOptions {
  /** A direct connection to a database of the store's own: LISTEN does not pass a transaction pooler. */
  readonly connection: ConnectionOptions
  readonly kinds: KindLookup
  readonly log: Log
  readonly now?: () => Date
  readonly newUid?: () => string
  /** How far watches and later pages can look back. */
  readonly keptChanges?: number
  readonly keptSeconds?: number
  /** Told of each transaction that writes, however it ended, with how long it took. */
  readonly onWrite?: (seconds: number) => void
}

/** Opens the store: brings its tables up to date, begins to listen. Fails when the database does not answer. */
export async function createPostgresObjects(options: PostgresOptions): Promise<Store> {
  const { connection, kinds, log, keptChanges = 10_000, keptSeconds = 3_600 } = options
  const { onWrite } = options
  const { now = () => new Date(), newUid = () => randomUUID() } = options
  const limits = { keptChanges, keptSeconds }
  const pool = createPool(connection, log)
  const rows = createRows(log)
  const feed = createChangeFeed(pool, { connection, log, rows })
  const close = async () => {
    await feed.close()
    await pool.close()
  }
  try {
    await pool.withSession(migrate)
    await feed.start()
  } catch (error) {
    await close()
    throw error
  }
  return createStore(
    {
      read: createReader(pool, rows),
      page: (query) => readPage(pool, rows, query),
      related: (query) => readRelated(pool, rows, query),
      transact: async (work, options) => {
        const begunAt = performance.now()
        try {
          return await pool.withSession((session) =>
            transactOn(session, work, { ...options, limits, rows }),
          )
        } finally {
          onWrite?.((performance.now() - begunAt) / 1000)
        }
      },
      feed,
      unreadable: rows.unreadable,
      close,
    },
    { kinds, now, newUid },
  )
}
