import type { Edition, OdooMajor } from '@pulse/api'
import Type from 'typebox'
import { Value } from 'typebox/value'
import type { Connection } from '../database/administration.ts'
import { edition, major } from '../tasks/fields.ts'

/** A template database and who owns what is inside. */
export interface Template {
  readonly database: string
  readonly edition: Edition
  readonly major: OdooMajor
  /** Owns the objects and no database, so that its belongings can be handed on (decision D10). */
  readonly role: string
  readonly details: TemplateDetails
}

export interface TemplateDetails {
  readonly version: string
  readonly modules: readonly string[]
  readonly sizeBytes: number
  readonly files: number
  /** SHA-256 of the dump. */
  readonly seed?: string | undefined
  /** As its resource names it. */
  readonly rev?: string | undefined
  /** ISO time. */
  readonly builtAt?: string | undefined
}

const row = Type.Object({
  database: Type.String(),
  edition,
  major,
  role: Type.String(),
  details: Type.Object({
    version: Type.String(),
    modules: Type.Array(Type.String()),
    sizeBytes: Type.Number(),
    files: Type.Number(),
    seed: Type.Optional(Type.String()),
    rev: Type.Optional(Type.String()),
    builtAt: Type.Optional(Type.String()),
  }),
})

export async function findTemplate(
  connection: Connection,
  { edition, major }: { readonly edition: string; readonly major: OdooMajor },
): Promise<Template | undefined> {
  const rows = await connection.query(
    'SELECT database, edition, major, role, details FROM odoo.template WHERE edition = $1 AND major = $2',
    [edition, major],
  )
  return rows[0] === undefined ? undefined : Value.Parse(row, rows[0])
}

export async function listTemplates(connection: Connection): Promise<readonly Template[]> {
  const rows = await connection.query(
    'SELECT database, edition, major, role, details FROM odoo.template ORDER BY edition, major',
  )
  return rows.map((found) => Value.Parse(row, found))
}
