import type { Connection } from './administration.ts'

/** Nobody waits for the outcome of such a task. */
export class EnvironmentDroppedError extends Error {
  constructor(environmentUid: string) {
    super(`environment ${environmentUid} has been deleted`)
    this.name = 'EnvironmentDroppedError'
  }
}

/** Longer than any Job is tried again. */
const remembered = '7 days'

/**
 * From now on no claim of this environment begins: a Job outlives its environment by a moment, and one that still stood
 * in line would make a database that nobody ever drops. Kept for some days.
 */
export async function markDropped(connection: Connection, environmentUid: string): Promise<void> {
  await connection.query(
    'INSERT INTO odoo.dropped (environment_uid) VALUES ($1) ON CONFLICT DO NOTHING',
    [environmentUid],
  )
  await connection.query(
    `DELETE FROM odoo.dropped WHERE dropped_at < now() - interval '${remembered}'`,
  )
}

/** Throws an `EnvironmentDroppedError` when this environment was deleted before its claim began. */
export async function mustNotBeDropped(
  connection: Connection,
  environmentUid: string,
): Promise<void> {
  const rows = await connection.query('SELECT 1 FROM odoo.dropped WHERE environment_uid = $1', [
    environmentUid,
  ])
  if (rows.length > 0) throw new EnvironmentDroppedError(environmentUid)
}
