import type pg from 'pg'
import { scheduleTables } from '../cron/checked-actions.ts'
import {
  type Administration,
  type Connection,
  createAdministration,
  type Login,
  sqlState,
  whileLocked,
  withConnection,
} from './administration.ts'
import { ensureRole } from './roles.ts'
import { makePassword, scramVerifier } from './secrets.ts'
import {
  allowLogin,
  grantConnect,
  identifier,
  limitConnections,
  setVerifier,
} from './statements.ts'

/** The login that reads in tenants' databases. */
export const readerRole = 'pulse_reader'

export interface TenantReaderServer {
  readonly admin: pg.ClientConfig
  readonly tenant: { readonly host: string; readonly port: number }
  /** The same for all who read on this server. Without it a new one is made, which locks out whoever reads with another. */
  readonly password?: (() => Promise<string>) | undefined
}

/**
 * Reads in databases whose content is not ours. A table there may have become a view, and a view runs functions with
 * the rights of who reads it: so never as an administrator, and not with a tenant's own rights either, which reach
 * other databases of a pool. This login owns nothing, is nobody else, and may do nothing but connect and read a few
 * tables; the transaction is read-only, so that what runs in it gives away neither the login's rights nor its password.
 */
export interface TenantReader {
  /** Within seconds. The right to read is given where it is missing. */
  read<T>(
    database: string,
    signal: AbortSignal,
    work: (inside: Connection) => Promise<T>,
  ): Promise<T>
}

export const insufficientPrivilege = '42501'
const loginRefusals: readonly (string | undefined)[] = ['28000', '28P01']
const statementTimeoutMs = 2_000
/** Several times the most that 500 scheduled actions take. */
const answerBytesMax = 8 * 2 ** 20
/**
 * Of all gateways on a server, so that none keeps another from reading: of each of ten the eight questions that it asks
 * buses at once, the four schedules that one of them reads at once and the four that the one before it still reads, and
 * what a broken read leaves behind for a moment. A fourth of what our smallest server takes: tenants have the rest.
 */
const connectionLimit = 100

/** What is read, of schedules and of the bus. */
const readTables: readonly string[] = [...scheduleTables, 'bus_bus']

/** The login is made ready for the first who reads, and again after it failed or was refused. */
export function createTenantReader(server: TenantReaderServer): TenantReader {
  const administration = createAdministration({ ...server, statementTimeoutMs: 10_000 })
  const reading = createAdministration({ ...server, statementTimeoutMs, answerBytesMax })
  let opened: Promise<Login> | undefined

  function login(): Promise<Login> {
    opened ??= renewLogin(administration, server.password).catch((error: unknown) => {
      opened = undefined
      throw error
    })
    return opened
  }

  const attempt = async <T>(
    database: string,
    signal: AbortSignal,
    work: (inside: Connection) => Promise<T>,
  ): Promise<T> => {
    const inside = await reading.connectAs(await login(), database, signal)
    try {
      await inside.query(
        'BEGIN READ ONLY; SET LOCAL search_path = pg_catalog, public; SET LOCAL jit = off',
      )
      return await work(inside)
    } catch (error) {
      // What PostgreSQL refuses has ended. Anything else may go on when nobody listens any more, as a function does that
      // catches that its time is over; nothing catches this.
      if (sqlState(error) === undefined) await endSessionsIn(administration, database)
      throw error
    } finally {
      // The transaction ends with its connection: there is nothing to commit.
      await inside.end().catch(() => undefined)
    }
  }

  return {
    async read(database, signal, work) {
      try {
        return await attempt(database, signal, work)
      } catch (error) {
        // Another password holds by now; the next who reads learns it.
        if (loginRefusals.includes(sqlState(error))) opened = undefined
        if (sqlState(error) !== insufficientPrivilege) throw error
        await admit(administration, database, signal)
        return await attempt(database, signal, work)
      }
    },
  }
}

/** With the same password it takes nothing from who reads. Two at once would meet in the row of the role: one waits. */
async function renewLogin(
  administration: Administration,
  password = async () => makePassword(),
): Promise<Login> {
  const login = { user: readerRole, password: await password() }
  const verifier = await scramVerifier(login.password, 1)
  // No tenant reaches the register, so none holds this lock.
  const database = administration.registerDatabase
  await withConnection(administration, { database }, (connection) =>
    whileLocked(connection, 'tenant-reader', async () => {
      await ensureRole(connection, readerRole)
      await connection.query(
        [
          setVerifier(readerRole, verifier),
          allowLogin(readerRole, true),
          limitConnections(readerRole, connectionLimit),
        ].join('; '),
      )
    }),
  )
  return login
}

/** Two who find the right missing at once would meet in the row of the database: one waits, for this database alone. */
async function admit(administration: Administration, database: string, signal: AbortSignal) {
  const register = { database: administration.registerDatabase, signal }
  await withConnection(administration, register, (connection) =>
    whileLocked(connection, `tenant-reader:${database}`, () =>
      grantReading(administration, database, signal),
    ),
  )
}

/** Reads PostgreSQL's own catalogue and grants: neither runs anything of a tenant's. */
async function grantReading(administration: Administration, database: string, signal: AbortSignal) {
  await withConnection(administration, { database, signal }, async (connection) => {
    await connection.query('SET search_path = pg_catalog, pg_temp')
    const tables = await connection.query(
      `SELECT relname FROM pg_catalog.pg_class
       WHERE relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = 'public')
         AND relkind IN ('r', 'p', 'v', 'm') AND relname = ANY($1)`,
      [readTables],
    )
    const reader = identifier(readerRole)
    const names = tables.map(({ relname }) => `public.${identifier(String(relname))}`)
    await connection.query(
      [
        grantConnect(database, readerRole),
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
      [readerRole, database],
    ),
  ).catch(() => undefined)
}
