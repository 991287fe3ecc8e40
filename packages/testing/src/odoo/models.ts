import { RpcError } from './json-rpc.ts'
import type { Registry } from './registries.ts'
import { createRemembered } from './remembered.ts'

export interface Column {
  readonly name: string
  readonly type: string
  /** The table that a many2one points to. */
  readonly target: string | undefined
  /** NOT NULL without a default of its own. */
  readonly required: boolean
}

/** A model as its table tells it; what Odoo computes without a column is not there. */
export interface Model {
  readonly name: string
  readonly table: string
  readonly columns: ReadonlyMap<string, Column>
}

/** Never handed out, whoever asks. */
const secret = new Set(['password', 'totp_secret', 'smtp_pass', 'access_token', 'key_value'])

const models = createRemembered<Model>()

/** Reads the columns of a model once per registry; undefined tables are unknown models. */
export function modelOf(registry: Registry, name: string): Promise<Model> {
  return models(registry, name, async () => {
    const table = name.replaceAll('.', '_')
    const rows = await registry.query(
      `SELECT a.attname AS name, t.typname AS type, f.relname AS target,
              a.attnotnull AND NOT a.atthasdef AS required
       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
       JOIN pg_type t ON t.oid = a.atttypid
       LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'f' AND k.conkey = ARRAY[a.attnum]
       LEFT JOIN pg_class f ON f.oid = k.confrelid
       WHERE c.oid = to_regclass($1) AND c.relkind = 'r'`,
      [`public."${table}"`],
    )
    const known = /^[a-z][a-z0-9_.]*$/.test(name) && rows.some((row) => row.name === 'id')
    if (!known) throw new RpcError('UserError', `Object ${name} doesn't exist`)
    const columns = rows
      .map((row) => ({
        name: String(row.name),
        type: String(row.type),
        target: row.target ? String(row.target) : undefined,
        required: row.required === true,
      }))
      .filter((column) => !secret.has(column.name))
    return { name, table, columns: new Map(columns.map((column) => [column.name, column])) }
  })
}

/** The column by which a person recognises a record. */
export function nameColumn(model: Model): string {
  return ['complete_name', 'name', 'login', 'key'].find((name) => model.columns.has(name)) ?? 'id'
}

export function mustHaveColumn(model: Model, name: string): Column {
  const column = model.columns.get(name)
  if (!column) throw new RpcError('ValueError', `Invalid field '${name}' on model '${model.name}'`)
  return column
}
