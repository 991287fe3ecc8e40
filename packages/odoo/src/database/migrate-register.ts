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
  await inTransaction(connection, async () => {
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
    const current = Number(row?.version)
    const newest = migrations.at(-1)?.version ?? 0
    if (current > newest) {
      throw new Error(
        `the register has version ${current}, this Pulse knows ${newest}: start the newer one`,
      )
    }
    for (const { version, sql } of migrations.filter((migration) => migration.version > current)) {
      await connection.query(sql)
      await connection.query('INSERT INTO odoo.schema_version (version) VALUES ($1)', [version])
    }
  })
}
