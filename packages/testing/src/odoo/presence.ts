import type { Registry } from './registries.ts'

const awayAfterMs = 30 * 60 * 1000

/** Notes when a user was last seen; where the database has no such table (its bus is another), nothing. */
export async function notePresence(registry: Registry, uid: number, inactivityMs: number) {
  if (!(await hasTable(registry))) return
  await registry.query(
    `WITH seen AS (
       SELECT $1::int AS user_id, $2 AS status, now() AT TIME ZONE 'UTC' AS last_poll,
              now() AT TIME ZONE 'UTC' - $3 * interval '1 millisecond' AS last_presence
     ), known AS (
       UPDATE bus_presence SET (status, last_poll, last_presence) =
         (SELECT status, last_poll, last_presence FROM seen) WHERE user_id = $1 RETURNING id
     )
     INSERT INTO bus_presence (user_id, status, last_poll, last_presence)
     SELECT * FROM seen WHERE NOT EXISTS (SELECT FROM known)`,
    [uid, inactivityMs > awayAfterMs ? 'away' : 'online', inactivityMs],
  )
}

/** A user whose websocket has ended is offline until another one says otherwise. */
export async function noteAbsence(registry: Registry, uid: number) {
  if (!(await hasTable(registry))) return
  await registry.query(`UPDATE bus_presence SET status = 'offline' WHERE user_id = $1`, [uid])
}

async function hasTable(registry: Registry): Promise<boolean> {
  const [row] = await registry.query(`SELECT to_regclass('bus_presence') IS NOT NULL AS found`)
  return row?.found === true
}
