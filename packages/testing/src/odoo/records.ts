import { quoteName, type Row } from './databases.ts'
import { makeCondition } from './domain.ts'
import { isRecord, RpcError } from './json-rpc.ts'
import { type Column, type Model, modelOf, mustHaveColumn, nameColumn } from './models.ts'
import type { Registry } from './registries.ts'

export interface SearchOptions {
  readonly domain: unknown
  readonly offset: number
  readonly limit: number | undefined
  readonly order: string
  readonly activeTest: boolean
}

export async function searchIds(
  registry: Registry,
  model: Model,
  options: SearchOptions,
): Promise<number[]> {
  const { sql, values } = makeCondition(model, options.domain, options.activeTest)
  const limit = options.limit === undefined ? '' : `LIMIT ${integer(options.limit)}`
  const rows = await registry.query(
    `SELECT id FROM ${quoteName(model.table)} WHERE ${sql}
     ORDER BY ${orderBy(model, options.order)} ${limit} OFFSET ${integer(options.offset)}`,
    values,
  )
  return rows.map(({ id }) => Number(id))
}

export async function countRecords(registry: Registry, model: Model, domain: unknown) {
  const { sql, values } = makeCondition(model, domain)
  const [row] = await registry.query(
    `SELECT count(*) AS count FROM ${quoteName(model.table)} WHERE ${sql}`,
    values,
  )
  return Number(row?.count)
}

/** Reads columns as a client sees them: empty is `false`, a many2one is `[id, name]`. */
export async function readRecords(
  registry: Registry,
  model: Model,
  ids: readonly number[],
  fields: readonly string[],
): Promise<Row[]> {
  const inherited = await inheritedBy(registry, model)
  const wanted = fields.length > 0 ? fields : [...model.columns.keys()]
  const own = wanted.filter((name) => model.columns.has(name))
  const further = wanted.filter((name) => !model.columns.has(name) && name !== 'display_name')
  for (const name of further) mustHaveColumn(inherited ?? model, name)

  const rows = await registry.query(
    `SELECT r.* ${further.map((name) => `, p.${quoteName(name)}`).join('')},
            ${inherited ? 'p' : 'r'}.${quoteName(nameColumn(inherited ?? model))} AS "display_name"
     FROM ${quoteName(model.table)} r
     ${inherited ? `JOIN ${quoteName(inherited.table)} p ON p.id = r.partner_id` : ''}
     WHERE r.id = ANY($1) ORDER BY array_position($1, r.id)`,
    [ids],
  )
  const names = await namesOfTargets(registry, model, own, rows)
  return rows.map((row) => ({
    id: row.id,
    ...Object.fromEntries(
      [...own, ...further].map((name) => [
        name,
        present(row[name], model.columns.get(name) ?? inherited?.columns.get(name), names),
      ]),
    ),
    ...(wanted.includes('display_name') && {
      display_name: present(row.display_name, undefined, names),
    }),
  }))
}

/** A user is its partner as well: name, e-mail and address are read through. */
async function inheritedBy(registry: Registry, model: Model): Promise<Model | undefined> {
  return model.name === 'res.users' ? modelOf(registry, 'res.partner') : undefined
}

type TargetNames = ReadonlyMap<string, ReadonlyMap<number, string>>

async function namesOfTargets(
  registry: Registry,
  model: Model,
  fields: readonly string[],
  rows: readonly Row[],
): Promise<TargetNames> {
  const names = new Map<string, Map<number, string>>()
  for (const field of fields) {
    const target = model.columns.get(field)?.target
    if (!target || names.has(field)) continue
    const ids = rows.map((row) => row[field]).filter((id) => id !== null)
    const column = nameColumn(
      await modelOf(registry, target.replaceAll('_', '.')).catch(() => model),
    )
    const found = await registry
      .query(
        `SELECT id, ${quoteName(column)} AS name FROM ${quoteName(target)} WHERE id = ANY($1)`,
        [ids],
      )
      .catch(() => [])
    names.set(field, new Map(found.map((row) => [Number(row.id), String(plain(row.name))])))
  }
  return names
}

function present(value: unknown, column: Column | undefined, names: TargetNames): unknown {
  if (value === null || value === undefined) return false
  if (column?.target) {
    const id = Number(value)
    return [id, names.get(column.name)?.get(id) ?? `${column.target},${id}`]
  }
  return plain(value)
}

function plain(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return value.toString('base64')
  if (typeof value === 'string')
    return value.replace(/^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\.\d+$/, '$1')
  if (isRecord(value) && typeof value.en_US === 'string') return value.en_US
  return value
}

/** `name desc, id`: names of columns and directions, nothing else. */
function orderBy(model: Model, order: string): string {
  const parts = (order || 'id').split(',').map((part) => part.trim())
  return parts
    .map((part) => {
      const [, name = '', direction = ''] = /^(\w+)(?:\s+(asc|desc))?$/i.exec(part) ?? []
      return `${quoteName(mustHaveColumn(model, name).name)} ${direction}`
    })
    .join(', ')
}

function integer(value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new RpcError('ValueError', `${value} is not a number of records`)
}
