import type { Connection } from './connection.ts'
import { type Migration, migrations as ownMigrations } from './migrations.ts'

/** Any number that no other user of this database takes for an advisory lock. */
const lockKey = 7_085_711_301

/** Brings the tables to the newest version; processes that start together wait for one another. */
export async function migrate(
  connection: Connection,
  migrations: readonly Migration[] = ownMigrations,
): Promise<void> {
  await whileLocked(connection, async (current) => {
    const newest = newestOf(migrations)
    if (current > newest) {
      throw new Error(
        `the database has schema version ${current}, this Pulse knows ${newest}: start the newer one, or take the database back with it: pulse migrate --store ${newest}`,
      )
    }
    for (const { version, sql } of migrations.filter((migration) => migration.version > current)) {
      await step(connection, `${sql}; INSERT INTO schema_version (version) VALUES (${version})`)
    }
  })
}

/** Which version the tables have, and which this release knows. */
export interface SchemaVersions {
  readonly current: number
  readonly known: number
}

export async function schemaVersions(connection: Connection): Promise<SchemaVersions> {
  const known = newestOf(ownMigrations)
  return { known, current: await whileLocked(connection, async (current) => current) }
}

/** Takes the tables back to what an older release knows, step by step; each step is there whole, or not at all. */
export async function migrateBack(
  connection: Connection,
  to: number,
  migrations: readonly Migration[] = ownMigrations,
): Promise<void> {
  await whileLocked(connection, async (current) => {
    const steps = migrations.filter(({ version }) => version > to && version <= current).reverse()
    if (current > newestOf(migrations)) {
      throw new Error(`only the Pulse that made schema version ${current} can take it back`)
    }
    for (const { version, back } of steps) {
      if (back === undefined) throw new Error(`there is no way back before version ${version}`)
    }
    for (const { version, back } of steps) {
      await step(connection, `${back}; DELETE FROM schema_version WHERE version = ${version}`)
    }
  })
}

/** Whole, or not at all; what failed is told, and not that its transaction has ended. */
async function step(connection: Connection, sql: string): Promise<void> {
  try {
    await connection.query(`BEGIN; ${sql}; COMMIT`)
  } catch (error) {
    await connection.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}

function newestOf(migrations: readonly Migration[]): number {
  return migrations.at(-1)?.version ?? 0
}

async function whileLocked<T>(
  connection: Connection,
  work: (current: number) => Promise<T>,
): Promise<T> {
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
    return await work(Number(rows[0]?.version))
  } finally {
    await connection.query('SELECT pg_advisory_unlock($1)', [lockKey])
  }
}
