import { Client, type ClientConfig, DatabaseError, Pool, type PoolClient, types } from 'pg'
import type { ServerLog } from './server-log.ts'
import type { ConnectionOptions } from './server-options.ts'

export type Row = Record<string, unknown>
type Parameters = readonly unknown[]

/** What can be asked of one open connection or of a pool. */
export type Query = (sql: string, parameters?: Parameters) => Promise<Row[]>

/** Every database of the server that this role reaches, each with its own pool, as Odoo keeps them. */
export interface Databases {
  of(database: string): Query
  transaction<T>(database: string, work: (query: Query) => Promise<T>): Promise<T>
  /** Databases that the role owns and that allow connections; nothing else counts as a tenant's. */
  owned(): Promise<string[]>
  /** Calls back for each NOTIFY on `postgres` until closed; reconnects by itself. */
  listen(channel: string, onPayload: (payload: string) => void): Promise<() => Promise<void>>
  /** Lets go of one database's idle connections. */
  release(database: string): Promise<void>
  close(): Promise<void>
}

const missingDatabase = '3D000'
const endedByAdministrator = '57P01'
const idleTimeoutMs = 600_000
const connectTimeoutMs = 15_000
const relistenAfterMs = 1_000

export function createDatabases(options: ConnectionOptions, log: ServerLog): Databases {
  const pools = new Map<string, Pool>()
  const config = connectionConfig(options)

  const poolOf = (database: string): Pool => {
    const existing = pools.get(database)
    if (existing) return existing
    const pool = new Pool({
      ...config,
      database,
      max: Math.max(1, options.maximum),
      idleTimeoutMillis: idleTimeoutMs,
    })
    // Whoever renames or drops the database ends idle connections; the next request opens a new one.
    pool.on('error', (error) => log.of(database).info('odoo.sql_db', error.message))
    pools.set(database, pool)
    return pool
  }

  const databases: Databases = {
    of: (database) => async (sql, parameters) => {
      const ask = () => poolOf(database).query<Row>(sql, [...(parameters ?? [])])
      try {
        return (await ask()).rows
      } catch (error) {
        const code = error instanceof DatabaseError ? error.code : undefined
        // Anybody may ask for any name: no pool is kept for what is not there.
        if (code === missingDatabase) await databases.release(database)
        // The connection was idle when somebody ended it, so nothing was done yet.
        if (code === endedByAdministrator) return (await ask()).rows
        throw error
      }
    },

    async transaction(database, work) {
      const client = await poolOf(database).connect()
      try {
        await client.query('BEGIN')
        const result = await work(queryOf(client))
        await client.query('COMMIT')
        client.release()
        return result
      } catch (error) {
        await client.query('ROLLBACK').then(
          () => client.release(),
          () => client.release(true),
        )
        throw error
      }
    },

    async owned() {
      const rows = await databases.of('postgres')(
        `SELECT datname FROM pg_database
         WHERE datdba = (SELECT usesysid FROM pg_user WHERE usename = current_user)
           AND NOT datistemplate AND datallowconn AND datname NOT IN ('postgres', $1)
         ORDER BY datname`,
        [options.template],
      )
      return rows.map(({ datname }) => String(datname))
    },

    listen: (channel, onPayload) => listen(config, channel, onPayload),

    async release(database) {
      const pool = pools.get(database)
      pools.delete(database)
      await pool?.end()
    },

    async close() {
      await Promise.all([...pools.keys()].map(databases.release))
    },
  }
  return databases
}

function queryOf(client: PoolClient): Query {
  return async (sql, parameters) => (await client.query<Row>(sql, [...(parameters ?? [])])).rows
}

async function listen(config: ClientConfig, channel: string, onPayload: (text: string) => void) {
  let closed = false
  let client: Client | undefined
  let retry: NodeJS.Timeout | undefined

  const connect = async (): Promise<void> => {
    const next = new Client({ ...config, database: 'postgres' })
    let lost = false
    const again = () => {
      if (closed || lost) return
      lost = true
      retry = setTimeout(() => void connect().catch(again), relistenAfterMs)
    }
    next.on('error', again)
    next.on('end', again)
    next.on('notification', ({ payload }) => onPayload(payload ?? ''))
    try {
      await next.connect()
      await next.query(`LISTEN ${quoteName(channel)}`)
      client = next
    } catch (error) {
      lost = true
      retry = setTimeout(() => void connect().catch(() => undefined), relistenAfterMs)
      throw error
    }
  }

  await connect().catch(() => undefined)
  return async () => {
    closed = true
    clearTimeout(retry)
    await client?.end()
  }
}

/** Quotes an identifier; every table and column name that comes from a request goes through here. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** libpq's rule: an option, else the PG* variable, else the socket folder that the packages use. */
function connectionConfig(options: ConnectionOptions): ClientConfig {
  const host = options.host || process.env.PGHOST || '/var/run/postgresql'
  return {
    host,
    ...(options.port && { port: Number(options.port) }),
    ...(options.user && { user: options.user }),
    ...(options.password && { password: options.password }),
    application_name: `odoo-${process.pid}`,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    types: { getTypeParser: parserOf },
  }
}

const textual = new Set<number>([
  types.builtins.TIMESTAMP,
  types.builtins.TIMESTAMPTZ,
  types.builtins.DATE,
])
const numeric = new Set<number>([types.builtins.NUMERIC, types.builtins.INT8])

/** Times stay text (Odoo's are UTC without a zone) and large numbers become numbers, as clients expect. */
function parserOf(oid: number, format?: 'text' | 'binary') {
  if (textual.has(oid)) return (value: string) => value
  if (numeric.has(oid)) return Number
  return types.getTypeParser(oid, format)
}
