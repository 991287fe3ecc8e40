import { tombstoneDatabaseName } from '@pulse/api'
import Type from 'typebox'
import { Value } from 'typebox/value'
import { type Connection, inTransaction } from './administration.ts'
import type { Hosting } from './standbys.ts'
import { renameDatabase, setOwner } from './statements.ts'

/** A deleted environment whose data is still kept, out of reach. */
export interface Tombstone {
  readonly environmentUid: string
  readonly environment: string
  readonly oid: number
  /** The name it had; another may have it by now. */
  readonly database: string
  readonly hosting: Hosting
  readonly role: string
  readonly filestoreVolume: string
  readonly expiresAt: Date
}

/**
 * The database goes to the administrator under its tombstone's name, with its row in the same transaction. One that is
 * gone (no `currentName`) gets the row alone, so that its files are found when they expire.
 */
export async function bury(
  connection: Connection,
  currentName: string | undefined,
  tombstone: Tombstone,
): Promise<void> {
  const grave = tombstoneDatabaseName(tombstone.environmentUid)
  await inTransaction(connection, async () => {
    if (currentName !== undefined) {
      const administrator = await currentUser(connection)
      await connection.query(
        [renameDatabase(currentName, grave), setOwner(grave, administrator)].join('; '),
      )
    }
    await connection.query(
      `INSERT INTO odoo.tombstone (environment_uid, environment, oid, database, hosting, role, filestore_volume, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [
        tombstone.environmentUid,
        tombstone.environment,
        tombstone.oid,
        tombstone.database,
        tombstone.hosting,
        tombstone.role,
        tombstone.filestoreVolume,
        tombstone.expiresAt,
      ],
    )
  })
}

async function currentUser(connection: Connection): Promise<string> {
  const [row] = await connection.query('SELECT current_user')
  return String(row?.current_user)
}

const tombstoneRow = Type.Object({
  environment_uid: Type.String(),
  environment: Type.String(),
  oid: Type.Number(),
  database: Type.String(),
  hosting: Type.Union([Type.Literal('pool'), Type.Literal('instance')]),
  role: Type.String(),
  filestore_volume: Type.String(),
  expires_at: Type.Unsafe<Date>({}),
})

export async function findTombstone(
  connection: Connection,
  environmentUid: string,
): Promise<Tombstone | undefined> {
  const rows = await connection.query('SELECT * FROM odoo.tombstone WHERE environment_uid = $1', [
    environmentUid,
  ])
  return rows[0] === undefined ? undefined : parse(rows[0])
}

/** The first to expire first; all of them without a limit. */
export async function listTombstones(
  connection: Connection,
  limit?: number,
): Promise<readonly Tombstone[]> {
  const rows = await connection.query(
    'SELECT * FROM odoo.tombstone ORDER BY expires_at, environment_uid LIMIT $1',
    [limit ?? null],
  )
  return rows.map(parse)
}

/** All that is known of the environment goes; the counter of its name stays. */
export async function forget(connection: Connection, environmentUid: string): Promise<void> {
  await inTransaction(connection, async () => {
    await connection.query('DELETE FROM odoo.tombstone WHERE environment_uid = $1', [
      environmentUid,
    ])
    await connection.query('DELETE FROM odoo.claim WHERE environment_uid = $1', [environmentUid])
  })
}

/** The name must never show a value again that a process may still remember of this database. */
export async function raiseSignalling(
  connection: Connection,
  name: string,
  seen: number,
): Promise<void> {
  await connection.query(
    `UPDATE odoo.database_name SET signalling = greatest(signalling, $2::bigint) WHERE name = $1`,
    [name, seen],
  )
}

/** No process counts that far: what is higher was set by hand, and could leave the name no value to go on with. */
const highestCounted = 1_000_000_000

/**
 * The highest signalling value that a database has shown. The database is its tenant's, who can put views and functions
 * in the place of anything: so the administrator reads PostgreSQL's own catalogue there, and nothing else.
 */
export async function readSignalling(
  connection: Connection,
  shape: { readonly sequences: readonly string[]; readonly signallingTables: readonly string[] },
): Promise<number> {
  await connection.query('SET search_path = pg_catalog, pg_temp')
  const counters = [...shape.sequences, ...shape.signallingTables.map((name) => `${name}_id_seq`)]
  const [row] = await connection.query(
    `SELECT coalesce(max(last_value), 0)::text AS value FROM pg_catalog.pg_sequences
     WHERE sequencename = ANY($1) AND last_value <= $2`,
    [counters, highestCounted],
  )
  return Number(row?.value)
}

function parse(value: unknown): Tombstone {
  const row = Value.Parse(tombstoneRow, value)
  return {
    environmentUid: row.environment_uid,
    environment: row.environment,
    oid: row.oid,
    database: row.database,
    hosting: row.hosting,
    role: row.role,
    filestoreVolume: row.filestore_volume,
    expiresAt: row.expires_at,
  }
}
