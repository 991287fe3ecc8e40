import type { Connection } from './administration.ts'
import { endSessionsOf } from './databases.ts'
import {
  allowLogin,
  createRole,
  dropIdleRole,
  limitConnections,
  renameRole,
  setVerifier,
} from './statements.ts'

/** Of all connections of the server, the part that one tenant may take from the others. */
const partOfConnections = 4

export async function roleExists(connection: Connection, role: string): Promise<boolean> {
  const rows = await connection.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role])
  return rows.length > 0
}

/** A role without login; one that exists is left as it is. */
export async function ensureRole(connection: Connection, role: string): Promise<void> {
  if (!(await roleExists(connection, role))) await connection.query(createRole(role))
}

/** A role that cannot log in yet, but has its password: SCRAM survives the renaming of a claim. */
export async function ensureRoleWith(
  connection: Connection,
  role: string,
  verifier: string,
): Promise<void> {
  await ensureRole(connection, role)
  await connection.query(setVerifier(role, verifier))
}

/**
 * For the role of one tenant. That of a pool has no such limit: each of its processes keeps connections to many databases
 * open (`db_maxconn`), and would be refused the next one.
 */
export async function limitToPart(connection: Connection, role: string): Promise<void> {
  const [{ most } = {}] = await connection.query(
    `SELECT current_setting('max_connections')::int / ${partOfConnections} AS most`,
  )
  await connection.query(limitConnections(role, Number(most)))
}

/** Takes login and name from an instance's role, so that both are free for the next of that name. */
export async function retireRole(connection: Connection, role: string, to: string): Promise<void> {
  if (!(await roleExists(connection, role))) return
  await connection.query(allowLogin(role, false))
  await endSessionsOf(connection, role)
  await connection.query(renameRole(role, to))
}

/** The databases of the role must be gone before. */
export async function dropRole(connection: Connection, role: string): Promise<void> {
  if (!(await roleExists(connection, role))) return
  await connection.query(allowLogin(role, false))
  await endSessionsOf(connection, role)
  await connection.query(dropIdleRole(role))
}
