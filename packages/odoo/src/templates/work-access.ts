import { type Connection, withConnection } from '../database/administration.ts'
import { ensureRoleWith } from '../database/roles.ts'
import { makePassword, scramVerifier } from '../database/secrets.ts'
import { allowLogin, grantConnect, identifier } from '../database/statements.ts'
import type { TaskContext } from '../tasks/task.ts'

/**
 * A role of the database's own name for the time that Odoo works in it: it may log in, create in this database and
 * nothing else. `endWork` takes the login away again.
 */
export async function workAccess(
  context: TaskContext,
  connection: Connection,
  database: string,
): Promise<Readonly<Record<string, string>>> {
  const { administration, signal } = context
  const password = makePassword()
  await ensureRoleWith(connection, database, await scramVerifier(password))
  await connection.query(
    [
      allowLogin(database, true),
      grantConnect(database, database),
      `GRANT CREATE, TEMPORARY ON DATABASE ${identifier(database)} TO ${identifier(database)}`,
    ].join('; '),
  )
  await withConnection(administration, { database, signal }, (inside) =>
    inside.query(`GRANT ALL ON SCHEMA public TO ${identifier(database)};
        CREATE EXTENSION IF NOT EXISTS pg_trgm; CREATE EXTENSION IF NOT EXISTS unaccent`),
  )
  return {
    PGHOST: administration.tenant.host,
    PGPORT: String(administration.tenant.port),
    PGUSER: database,
    PGPASSWORD: password,
  }
}

export async function endWork(connection: Connection, database: string): Promise<void> {
  await connection.query(
    [
      allowLogin(database, false),
      `REVOKE ALL ON DATABASE ${identifier(database)} FROM ${identifier(database)}`,
    ].join('; '),
  )
}
