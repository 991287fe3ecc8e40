import { quoteName } from './databases.ts'
import { RpcError } from './json-rpc.ts'
import { type Model, mustHaveColumn } from './models.ts'
import type { Registry } from './registries.ts'

/** The models whose rows stand alone, so that a plain INSERT or UPDATE is what Odoo would do too. */
const writable = new Set(['res.partner', 'res.company', 'ir.config_parameter'])

/** Models that the registry caches: a change of them is signalled to every process. */
const cached = new Set(['res.company', 'ir.config_parameter', 'res.users'])

const written = ['create_uid', 'write_uid', 'create_date', 'write_date']
const automatic = new Set(['id', ...written])
const nowUtc = `now() AT TIME ZONE 'UTC'`

export async function createRecord(
  registry: Registry,
  model: Model,
  uid: number,
  values: Record<string, unknown>,
): Promise<number> {
  const row = { ...defaultsOf(model), ...changesOf(model, values) }
  const given = Object.keys(row)
  const usual = [...model.columns.values()].filter(
    ({ name, required }) => required && !given.includes(name),
  )
  const columns = [...given, ...usual.map(({ name }) => name), ...written]
  const places = [
    ...given.map((_, index) => `$${index + 2}`),
    ...usual.map(({ name }) => usualValue(model, name)),
    ...['$1', '$1', nowUtc, nowUtc],
  ]
  const [created] = await registry.query(
    `INSERT INTO ${quoteName(model.table)} (${columns.map(quoteName).join(', ')})
     VALUES (${places.join(', ')}) RETURNING id`,
    [uid, ...Object.values(row)],
  )
  const id = Number(created?.id)
  await settle(registry, model, [id])
  return id
}

export async function writeRecords(
  registry: Registry,
  model: Model,
  uid: number,
  ids: readonly number[],
  values: Record<string, unknown>,
): Promise<true> {
  const changes = changesOf(model, values)
  const assignments = Object.keys(changes).map(
    (name, index) => `${quoteName(name)} = $${index + 3}`,
  )
  const rows = await registry.query(
    `UPDATE ${quoteName(model.table)}
     SET ${[...assignments, 'write_uid = $1', `write_date = ${nowUtc}`].join(', ')}
     WHERE id = ANY($2) RETURNING id`,
    [uid, ids, ...Object.values(changes)],
  )
  if (rows.length < ids.length) {
    throw new RpcError('MissingError', 'Record does not exist or has been deleted.')
  }
  await settle(registry, model, ids)
  return true
}

export async function deleteRecords(registry: Registry, model: Model, ids: readonly number[]) {
  if (!writable.has(model.name)) throw readOnly(model)
  await registry.query(`DELETE FROM ${quoteName(model.table)} WHERE id = ANY($1)`, [ids])
  if (cached.has(model.name)) await registry.invalidate()
  return true
}

function changesOf(model: Model, values: Record<string, unknown>): Record<string, unknown> {
  if (!writable.has(model.name)) throw readOnly(model)
  const entries = Object.entries(values).map(([name, value]): [string, unknown] => {
    const column = mustHaveColumn(model, name)
    if (automatic.has(name)) throw new RpcError('AccessError', `${name} is not yours to write`)
    if (column.type === 'jsonb') return [name, JSON.stringify({ en_US: value })]
    return [name, value === false && column.type !== 'bool' ? null : value]
  })
  return Object.fromEntries(entries)
}

function defaultsOf(model: Model): Record<string, unknown> {
  if (model.name !== 'res.partner') return model.columns.has('active') ? { active: true } : {}
  const wanted = {
    active: true,
    type: 'contact',
    lang: 'en_US',
    is_company: false,
    partner_share: true,
  }
  return Object.fromEntries(Object.entries(wanted).filter(([name]) => model.columns.has(name)))
}

/** A module may demand a column whose default only its code knows: what most rows have is right. */
function usualValue(model: Model, column: string): string {
  return `(SELECT mode() WITHIN GROUP (ORDER BY ${quoteName(column)}) FROM ${quoteName(model.table)})`
}

/** Columns that Odoo computes and stores beside what was written. */
async function settle(registry: Registry, model: Model, ids: readonly number[]): Promise<void> {
  if (model.name === 'res.partner') {
    await registry.query(
      `UPDATE res_partner SET complete_name = name,
              commercial_partner_id = COALESCE(commercial_partner_id, id) WHERE id = ANY($1)`,
      [ids],
    )
  }
  if (model.name === 'res.company') {
    await registry.query(
      `UPDATE res_partner p SET name = c.name, complete_name = c.name
       FROM res_company c WHERE c.partner_id = p.id AND c.id = ANY($1)`,
      [ids],
    )
  }
  if (cached.has(model.name)) await registry.invalidate()
}

function readOnly(model: Model): RpcError {
  return new RpcError('AccessError', `The stand-in does not write ${model.name}; real Odoo would.`)
}
