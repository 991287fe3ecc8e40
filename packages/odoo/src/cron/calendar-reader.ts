import type pg from 'pg'
import {
  type Administration,
  type Connection,
  createAdministration,
  inTransaction,
  type Login,
  sqlState,
  withConnection,
} from '../database/administration.ts'
import { roleExists } from '../database/roles.ts'
import { makePassword, scramVerifier } from '../database/secrets.ts'
import {
  allowLogin,
  createRole,
  grantConnect,
  identifier,
  setVerifier,
} from '../database/statements.ts'
import { readTables } from './checked-actions.ts'

/** The login that reads tenants' schedules. */
export const calendarRole = 'pulse_calendar'

export interface CalendarServer {
  readonly admin: pg.ClientConfig
  readonly tenant: { readonly host: string; readonly port: number }
  /** Of the reading login, where several gateways share it; without one a new one is made at each start. */
  readonly password?: string | undefined
}

/**
 * Reads in databases whose content is not ours. A table there may have become a view, and a view runs functions with
 * the rights of who reads it: so never as an administrator, and not with a tenant's own rights either, which reach
 * other databases of a pool. This login owns nothing, is nobody else, and may do nothing but connect and read the few
 * tables that schedules need.
 */
export interface CalendarReader {
  /** Read-only, within seconds. The right to read is given where it is missing. */
  read<T>(
    database: string,
    signal: AbortSignal,
    work: (inside: Connection) => Promise<T>,
  ): Promise<T>
}

export const insufficientPrivilege = '42501'
const statementTimeoutMs = 2_000
/** Reads at the same time, and what a broken one leaves behind for a moment. */
const connectionLimit = 20

export async function openCalendarReader(server: CalendarServer): Promise<CalendarReader> {
  const administration = createAdministration({ ...server, statementTimeoutMs: 10_000 })
  const reading = createAdministration({ ...server, statementTimeoutMs })
  const login = await renewLogin(administration, server.password)

  const attempt = async <T>(
    database: string,
    signal: AbortSignal,
    work: (inside: Connection) => Promise<T>,
  ): Promise<T> => {
    const inside = await reading.connectAs(login, database, signal)
    try {
      return await inTransaction(inside, async () => {
        await inside.query(
          'SET TRANSACTION READ ONLY; SET LOCAL search_path = pg_catalog, public; SET LOCAL jit = off',
        )
        return await work(inside)
      })
    } catch (error) {
      // A function may catch that its time is over and go on; nothing catches this.
      if (isTimeout(error)) await endSessionsIn(administration, database)
      throw error
    } finally {
      await inside.end().catch(() => undefined)
    }
  }

  return {
    async read(database, signal, work) {
      try {
        return await attempt(database, signal, work)
      } catch (error) {
        if (sqlState(error) !== insufficientPrivilege) throw error
        await admit(administration, database, signal)
        return await attempt(database, signal, work)
      }
    },
  }
}

/** Nobody else knows a new password. */
async function renewLogin(
  administration: Administration,
  password = makePassword(),
): Promise<Login> {
  const verifier = await scramVerifier(password, 1)
  await withConnection(administration, { database: 'postgres' }, async (connection) => {
    if (!(await roleExists(connection, calendarRole))) {
      await connection.query(createRole(calendarRole))
    }
    await connection.query(
      [
        setVerifier(calendarRole, verifier),
        allowLogin(calendarRole, true),
        `ALTER ROLE ${identifier(calendarRole)} CONNECTION LIMIT ${connectionLimit}`,
      ].join('; '),
    )
  })
  return { user: calendarRole, password }
}

/** Reads PostgreSQL's own catalogue and grants: neither runs anything of a tenant's. */
async function admit(administration: Administration, database: string, signal: AbortSignal) {
  await withConnection(administration, { database, signal }, async (connection) => {
    await connection.query('SET search_path = pg_catalog, pg_temp')
    const tables = await connection.query(
      `SELECT relname FROM pg_catalog.pg_class
       WHERE relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = 'public')
         AND relkind IN ('r', 'p', 'v', 'm') AND relname = ANY($1)`,
      [readTables],
    )
    const reader = identifier(calendarRole)
    const names = tables.map(({ relname }) => `public.${identifier(String(relname))}`)
    await connection.query(
      [
        grantConnect(database, calendarRole),
        `GRANT USAGE ON SCHEMA public TO ${reader}`,
        ...(names.length > 0 ? [`GRANT SELECT ON TABLE ${names.join(', ')} TO ${reader}`] : []),
      ].join('; '),
    )
  })
}

async function endSessionsIn(administration: Administration, database: string) {
  await withConnection(administration, { database: 'postgres' }, (connection) =>
    connection.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1 AND datname = $2',
      [calendarRole, database],
    ),
  ).catch(() => undefined)
}

/** The client's own limit, which comes some seconds after the server's. */
function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.message.includes('timeout')
}
