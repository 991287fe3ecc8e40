import { type Connection, inTransaction } from './administration.ts'
import { type Migration, registerMigrations } from './register-migrations.ts'

/**
 * Brings the register to the newest version, all or nothing; who comes meanwhile waits. Its tables and their version
 * stand in a schema of their own, beside those of the store.
 */
export async function migrateRegister(
  connection: Connection,
  migrations: readonly Migration[] = registerMigrations,
): Promise<void> {
  await atVersion(connection, async (current) => {
    const newest = newestOf(migrations)
    if (current > newest) {
      throw new Error(
        `the register has version ${current}, this Pulse knows ${newest}: start the newer one, or take the register back with it: pulse migrate --register ${newest}`,
      )
    }
    for (const { version, sql } of migrations.filter((migration) => migration.version > current)) {
      await connection.query(sql)
      await connection.query('INSERT INTO odoo.schema_version (version) VALUES ($1)', [version])
    }
  })
}

/** Which version the register has, and which this release knows. */
export async function registerVersions(
  connection: Connection,
): Promise<{ readonly current: number; readonly known: number }> {
  const known = newestOf(registerMigrations)
  return { known, current: await atVersion(connection, async (current) => current) }
}

/** Takes the register back to what an older release knows, all or nothing. */
export async function migrateRegisterBack(
  connection: Connection,
  to: number,
  migrations: readonly Migration[] = registerMigrations,
): Promise<void> {
  await atVersion(connection, async (current) => {
    if (current > newestOf(migrations)) {
      throw new Error(
        `only the Pulse that made version ${current} of the register can take it back`,
      )
    }
    const steps = migrations.filter(({ version }) => version > to && version <= current)
    for (const { version, back } of steps.toReversed()) {
      if (back === undefined) throw new Error(`there is no way back before version ${version}`)
      await connection.query(back)
      await connection.query('DELETE FROM odoo.schema_version WHERE version = $1', [version])
    }
  })
}

function newestOf(migrations: readonly Migration[]): number {
  return migrations.at(-1)?.version ?? 0
}

async function atVersion<T>(
  connection: Connection,
  work: (current: number) => Promise<T>,
): Promise<T> {
  return await inTransaction(connection, async () => {
    await connection.query("SELECT pg_advisory_xact_lock(hashtextextended('pulse:register', 0))")
    await connection.query(`
      CREATE SCHEMA IF NOT EXISTS odoo;
      CREATE TABLE IF NOT EXISTS odoo.schema_version (
        version integer PRIMARY KEY,
        applied_at timestamptz NOT NULL DEFAULT now()
      )`)
    const [row] = await connection.query(
      'SELECT coalesce(max(version), 0) AS version FROM odoo.schema_version',
    )
    return await work(Number(row?.version))
  })
}
