import Type from 'typebox'
import { Value } from 'typebox/value'
import type { Connection } from './administration.ts'
import { tenantGroup } from './statements.ts'
import { readerRole } from './tenant-reader.ts'

/** What a server holds, whoever it belongs to: to be compared with what is known of it. Nothing is changed. */
export interface StandingOnServer {
  readonly databases: readonly {
    readonly name: string
    readonly oid: number
    readonly owner: string
  }[]
  /** Every role that Pulse made for a tenant, a pool, a standby, a template or a session of a task. */
  readonly roles: readonly string[]
}

const standingDatabase = Type.Object({
  name: Type.String(),
  oid: Type.Number(),
  owner: Type.String(),
})

export async function listStandingOnServer(connection: Connection): Promise<StandingOnServer> {
  const databases = await connection.query(
    `SELECT datname AS name, oid::bigint::float8 AS oid, pg_get_userbyid(datdba) AS owner
     FROM pg_database WHERE datname NOT IN ('postgres', 'template0', 'template1', current_database())
     ORDER BY datname`,
  )
  const roles = await connection.query(
    `SELECT member.rolname AS name FROM pg_auth_members
     JOIN pg_roles member ON member.oid = pg_auth_members.member
     JOIN pg_roles grouped ON grouped.oid = pg_auth_members.roleid
     WHERE grouped.rolname = $1 AND member.rolname <> $2 ORDER BY member.rolname`,
    [tenantGroup, readerRole],
  )
  return {
    databases: databases.map((row) => Value.Parse(standingDatabase, row)),
    roles: roles.map(({ name }) => String(name)),
  }
}

/** What the register knows: a row for every database and role that is somebody's. */
export interface Registered {
  readonly templates: readonly { readonly database: string; readonly role: string }[]
  readonly standbys: readonly RegisteredDatabase[]
  readonly claims: readonly RegisteredClaim[]
  readonly tombstones: readonly { readonly environmentUid: string; readonly oid: number }[]
}

interface RegisteredDatabase {
  readonly id: string
  readonly oid: number
  readonly role: string
  /** Folder whose files it has or gives. */
  readonly filestore: string
}

interface RegisteredClaim extends RegisteredDatabase {
  /** As its environment calls it. */
  readonly database: string
}

const oid = Type.Number()
const registered = Type.Object({
  templates: Type.Array(Type.Object({ database: Type.String(), role: Type.String() })),
  standbys: Type.Array(
    Type.Object({ id: Type.String(), oid, role: Type.String(), filestore: Type.String() }),
  ),
  claims: Type.Array(
    Type.Object({
      id: Type.String(),
      oid,
      role: Type.String(),
      filestore: Type.String(),
      database: Type.String(),
    }),
  ),
  tombstones: Type.Array(Type.Object({ environmentUid: Type.String(), oid })),
})

/** All of the register as it is at one moment; a claim's `id` is the uid of its environment. */
export async function readRegistered(connection: Connection): Promise<Registered> {
  const rowsOf = (columns: string, table: string) =>
    `(SELECT coalesce(json_agg(row_to_json(r)), '[]') FROM (SELECT ${columns} FROM odoo.${table}) r)`
  const [row] = await connection.query(
    `SELECT ${rowsOf('database, role', 'template')} AS templates,
      ${rowsOf('id, oid::bigint, role, filestore', 'standby')} AS standbys,
      ${rowsOf('environment_uid AS id, oid::bigint, role, filestore, database', 'claim')} AS claims,
      ${rowsOf('environment_uid AS "environmentUid", oid::bigint', 'tombstone')} AS tombstones`,
  )
  return Value.Parse(registered, row)
}

/** Those of these names that a task works under at this moment. */
export async function namesAtWork(
  connection: Connection,
  names: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await connection.query(
    `SELECT name FROM unnest($1::text[]) AS name WHERE EXISTS (
       SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1
       AND (classid::bigint << 32) | objid::bigint = hashtextextended('pulse:' || name, 0))`,
    [names],
  )
  return new Set(rows.map(({ name }) => String(name)))
}
