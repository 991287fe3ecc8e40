import { type Connection, sqlState } from './administration.ts'
import { mustHaveRoom } from './room.ts'
import {
  allowConnections,
  cloneDatabase,
  closeToPublic,
  dropDatabase,
  markTemplate,
} from './statements.ts'

/** What pg_database says of one database. */
export interface FoundDatabase {
  readonly name: string
  /** Stays the same over renames, and is never used again while the database lives. */
  readonly oid: number
  readonly acceptsConnections: boolean
  readonly isTemplate: boolean
}

export async function findByName(
  connection: Connection,
  name: string,
): Promise<FoundDatabase | undefined> {
  return found(await connection.query(`${query} WHERE datname = $1`, [name]))
}

export async function findByOid(
  connection: Connection,
  oid: number,
): Promise<FoundDatabase | undefined> {
  return found(await connection.query(`${query} WHERE oid = $1`, [oid]))
}

const query =
  'SELECT datname, oid::bigint::text AS oid, datallowconn, datistemplate FROM pg_database'

function found(rows: Awaited<ReturnType<Connection['query']>>): FoundDatabase | undefined {
  const [row] = rows
  if (row === undefined) return
  return {
    name: String(row.datname),
    oid: Number(row.oid),
    acceptsConnections: row.datallowconn === true,
    isTemplate: row.datistemplate === true,
  }
}

/** A database of this name stands there that Pulse did not make: it is left alone, whatever the task wanted. */
export class ForeignDatabaseError extends Error {
  constructor(name: string) {
    super(
      `database ${name} exists and is not Pulse's: it is not touched; rename or drop it, or choose another name`,
    )
    this.name = 'ForeignDatabaseError'
  }
}

const cloneAttempts = 20
const busyPauseMs = 250
const objectInUse = '55006'
const diskFull = '53100'
const internalError = 'XX000'

/** Clones a template; while somebody still holds the template it is tried again for some seconds. */
export async function cloneFrom(
  connection: Connection,
  options: {
    readonly name: string
    readonly template: string
    readonly signal?: AbortSignal | undefined
  },
): Promise<void> {
  const { name, template, signal } = options
  await mustHaveRoom(connection, template)
  const statement = cloneDatabase(name, template, await serverVersion(connection))
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted()
    try {
      await connection.query(statement)
      break
    } catch (error) {
      if (sqlState(error) === diskFull || isBrokenClearing(error)) {
        throw new Error(
          `no space left to clone ${template}: make room on the disk of PostgreSQL's data; no database stays of it`,
          { cause: error },
        )
      }
      if (sqlState(error) !== objectInUse || attempt === cloneAttempts) throw error
      await endSessions(connection, template)
      await connection.query('SELECT pg_sleep($1)', [busyPauseMs / 1000])
    }
  }
  await openToAdministrator(connection, name)
}

/**
 * PostgreSQL 15 fails at clearing up after a clone that had no room, since its own copying still holds a page, and
 * tells that (an internal error) instead of the reason.
 */
function isBrokenClearing(error: unknown): boolean {
  return (
    sqlState(error) === internalError &&
    error instanceof Error &&
    error.message.includes('InvalidateBuffer')
  )
}

/** A new database gives CONNECT to everybody: that is taken away before the first connection is let in. */
export async function openToAdministrator(connection: Connection, name: string): Promise<void> {
  await connection.query(closeToPublic(name))
  await connection.query(allowConnections(name, true))
}

/** Ends every session in a database, and waits until the last is gone. */
export async function endSessions(connection: Connection, database: string): Promise<void> {
  const others = 'FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()'
  for (let attempt = 0; attempt < 500; attempt++) {
    const living = await connection.query(`SELECT pg_terminate_backend(pid) ${others}`, [database])
    if (living.length === 0) return
    await connection.query('SELECT pg_sleep(0.01)')
  }
  throw new Error(`sessions in database ${database} do not end`)
}

/** Ends every session of a role, wherever it is connected. */
export async function endSessionsOf(connection: Connection, role: string): Promise<void> {
  await connection.query(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1',
    [role],
  )
}

/** Refuses new connections, ends the old ones, and only then drops: a drop alone can wait for ever. */
export async function remove(connection: Connection, database: FoundDatabase): Promise<void> {
  if (database.isTemplate) await connection.query(markTemplate(database.name, false))
  await connection.query(allowConnections(database.name, false))
  await endSessions(connection, database.name)
  await connection.query(dropDatabase(database.name))
}

export async function serverVersion(connection: Connection): Promise<number> {
  const [row] = await connection.query(
    "SELECT current_setting('server_version_num')::int AS number",
  )
  return Number(row?.number)
}
