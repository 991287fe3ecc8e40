import { standbyName } from '@pulse/api'
import Type from 'typebox'
import { Value } from 'typebox/value'
import { type Connection, inTransaction } from './administration.ts'
import type { Shape } from './shape.ts'
import { parseShape } from './shape.ts'
import { asynchronousCommit, renameDatabase } from './statements.ts'

export type Hosting = 'pool' | 'instance'

/** A database that waits for an environment. */
export interface Standby {
  readonly id: string
  readonly oid: number
  /** Template database, or what stands for it when there is none. */
  readonly template: string
  readonly hosting: Hosting
  readonly role: string
  readonly shape: Shape
  readonly origin: 'template' | 'install'
  /** Folder whose files the environment gets. */
  readonly filestore: string
  readonly adminPassword: string
  /** Of an instance's role; a pool's is not known here. */
  readonly rolePassword?: string | undefined
  readonly fillMs: number
}

/** A database that an environment has taken, in one row until it is dropped. */
export interface Claim {
  readonly environmentUid: string
  readonly oid: number
  readonly database: string
  readonly template: string
  readonly hosting: Hosting
  /** The standby's own until it is published, then the environment's. */
  readonly role: string
  readonly shape: Shape
  readonly origin: 'template' | 'install'
  readonly filestore: string
  /** Gone once delivered. */
  readonly adminPassword?: string | undefined
  readonly rolePassword?: string | undefined
  readonly databaseUuid: string
  readonly signalling: number
  readonly published: boolean
  readonly delivered: boolean
}

/** The standby gets its name and its row in one transaction: with the one there is always the other. */
export async function addStandby(
  connection: Connection,
  unfinished: string,
  standby: Standby,
): Promise<void> {
  await inTransaction(connection, async () => {
    await connection.query(
      `INSERT INTO odoo.standby (id, oid, template, hosting, role, shape, origin, filestore, admin_password, role_password, fill_ms)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
      [
        standby.id,
        standby.oid,
        standby.template,
        standby.hosting,
        standby.role,
        JSON.stringify(standby.shape),
        standby.origin,
        standby.filestore,
        standby.adminPassword,
        standby.rolePassword ?? null,
        Math.round(standby.fillMs),
      ],
    )
    await connection.query(renameDatabase(unfinished, standbyName(standby.id)))
  })
}

export interface TakeOptions {
  readonly environmentUid: string
  readonly database: string
  readonly claimName: string
  readonly template: string
  readonly hosting: Hosting
  readonly databaseUuid: string
  /** Whether one that the stand-in made will do. */
  readonly standIn: boolean
}

/** Space between two signalling values of one name: more than a warm process counts up between claim and burial. */
const signallingStride = 100_000

const take = `
WITH chosen AS (
  SELECT id FROM odoo.standby
  WHERE template = $3 AND hosting = $4 AND ($6 OR shape->>'version' NOT LIKE '%.stand-in')
  ORDER BY filled_at FOR UPDATE SKIP LOCKED LIMIT 1
), taken AS (
  DELETE FROM odoo.standby USING chosen WHERE standby.id = chosen.id RETURNING standby.*
), named AS (
  INSERT INTO odoo.database_name (name, signalling)
  SELECT $2, ${signallingStride} FROM taken
  ON CONFLICT (name) DO UPDATE SET signalling = database_name.signalling + ${signallingStride}
  RETURNING signalling
)
INSERT INTO odoo.claim (environment_uid, oid, database, template, hosting, role, shape, origin, filestore,
  admin_password, role_password, database_uuid, signalling, fill_ms)
SELECT $1, oid, $2, template, hosting, role, shape, origin, filestore, admin_password, role_password, $5, named.signalling, fill_ms
FROM taken, named
RETURNING *, (SELECT id FROM taken) AS standby_id`

/** Takes the oldest standby that its runtime can open and nobody else is taking; row and name change together. */
export async function takeStandby(
  connection: Connection,
  options: TakeOptions,
): Promise<Claim | undefined> {
  return await inTransaction(connection, async () => {
    await connection.query(asynchronousCommit)
    const [row] = await connection.query(take, [
      options.environmentUid,
      options.database,
      options.template,
      options.hosting,
      options.databaseUuid,
      options.standIn,
    ])
    if (row === undefined) return
    const name = standbyName(String(row.standby_id))
    await connection.query(renameDatabase(name, options.claimName))
    return parseClaim(row)
  })
}

export async function findClaim(
  connection: Connection,
  environmentUid: string,
): Promise<Claim | undefined> {
  const rows = await connection.query('SELECT * FROM odoo.claim WHERE environment_uid = $1', [
    environmentUid,
  ])
  return rows[0] === undefined ? undefined : parseClaim(rows[0])
}

const hosting = Type.Union([Type.Literal('pool'), Type.Literal('instance')])
const origin = Type.Union([Type.Literal('template'), Type.Literal('install')])
const claimRow = Type.Object({
  environment_uid: Type.String(),
  oid: Type.Number(),
  database: Type.String(),
  template: Type.String(),
  hosting,
  role: Type.String(),
  shape: Type.Unknown(),
  origin,
  filestore: Type.String(),
  admin_password: Type.Union([Type.String(), Type.Null()]),
  role_password: Type.Union([Type.String(), Type.Null()]),
  database_uuid: Type.String(),
  signalling: Type.String(),
  published_at: Type.Union([Type.Unsafe<Date>({}), Type.Null()]),
  delivered_at: Type.Union([Type.Unsafe<Date>({}), Type.Null()]),
})

function parseClaim(value: unknown): Claim {
  const row = Value.Parse(claimRow, value)
  return {
    environmentUid: row.environment_uid,
    oid: row.oid,
    database: row.database,
    template: row.template,
    hosting: row.hosting,
    role: row.role,
    shape: parseShape(row.shape),
    origin: row.origin,
    filestore: row.filestore,
    adminPassword: row.admin_password ?? undefined,
    rolePassword: row.role_password ?? undefined,
    databaseUuid: row.database_uuid,
    signalling: Number(row.signalling),
    published: row.published_at !== null,
    delivered: row.delivered_at !== null,
  }
}
