import type { Connection } from './connection.ts'
import { migrations } from './migrations.ts'

/** Any number that no other user of this database takes for an advisory lock. */
const lockKey = 7_085_711_301

/** Brings the tables to the newest version; processes that start together wait for one another. */
export async function migrate(connection: Connection): Promise<void> {
  await connection.query('SELECT pg_advisory_lock($1)', [lockKey])
  try {
    await connection.query(`
      CREATE TABLE IF NOT EXISTS schema_version (
        version integer PRIMARY KEY,
        applied_at timestamptz NOT NULL DEFAULT now()
      )`)
    const { rows } = await connection.query(
      'SELECT coalesce(max(version), 0) AS version FROM schema_version',
    )
    const current = Number(rows[0]?.version)
    const newest = migrations.at(-1)?.version ?? 0
    if (current > newest) {
      throw new Error(
        `the database has schema version ${current}, this Pulse knows ${newest}: start the newer one`,
      )
    }
    for (const { version, sql } of migrations.filter((migration) => migration.version > current)) {
      await connection.query(
        `BEGIN; ${sql}; INSERT INTO schema_version (version) VALUES (${version}); COMMIT`,
      )
    }
  } finally {
    await connection.query('SELECT pg_advisory_unlock($1)', [lockKey])
  }
}
