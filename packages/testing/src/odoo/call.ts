import { isRecord, RpcError } from './json-rpc.ts'
import { type Model, modelOf, nameColumn } from './models.ts'
import { createRecord, deleteRecords, writeRecords } from './record-writes.ts'
import { countRecords, readRecords, type SearchOptions, searchIds } from './records.ts'
import type { Registry } from './registries.ts'

interface Call {
  readonly registry: Registry
  readonly model: Model
  readonly uid: number
  readonly args: readonly unknown[]
  readonly kwargs: Readonly<Record<string, unknown>>
}

type Method = (call: Call) => Promise<unknown>

/** One method of one model, as XML-RPC, JSON-RPC and the browser call it. */
export async function callModel(
  registry: Registry,
  uid: number,
  { model: name, method, args, kwargs }: CallRequest,
): Promise<unknown> {
  const model = await modelOf(registry, name)
  if (method.startsWith('_')) {
    throw new RpcError(
      'AccessError',
      `Private methods (such as '${name}.${method}') cannot be called remotely.`,
    )
  }
  const known = methods[method]
  if (!known) throw new RpcError('AttributeError', `The method '${name}.${method}' does not exist`)
  return known({ registry, model, uid, args, kwargs })
}

export interface CallRequest {
  readonly model: string
  readonly method: string
  readonly args: readonly unknown[]
  readonly kwargs: Readonly<Record<string, unknown>>
}

const methods: Readonly<Record<string, Method>> = {
  search: (call) => searchIds(call.registry, call.model, searchOptions(call)),
  search_count: ({ registry, model, args, kwargs }) =>
    countRecords(registry, model, kwargs.domain ?? args[0] ?? []),
  read: ({ registry, model, args, kwargs }) =>
    readRecords(registry, model, idsOf(args[0]), textsOf(kwargs.fields ?? args[1])),
  async search_read(call) {
    const { registry, model, args, kwargs } = call
    const shifted = { ...call, args: [args[0], args[2], args[3], args[4]] }
    const ids = await searchIds(registry, model, searchOptions(shifted))
    return readRecords(registry, model, ids, textsOf(kwargs.fields ?? args[1]))
  },
  async name_search({ registry, model, args, kwargs }) {
    const column = nameColumn(model)
    const asked = String(kwargs.name ?? args[0] ?? '')
    const more = kwargs.args ?? kwargs.domain ?? args[1] ?? []
    const ids = await searchIds(registry, model, {
      domain: [...(asked ? [[column, 'ilike', asked]] : []), ...(Array.isArray(more) ? more : [])],
      offset: 0,
      limit: Number(kwargs.limit ?? 100),
      order: column,
      activeTest: true,
    })
    const rows = await readRecords(registry, model, ids, ['display_name'])
    return rows.map((row) => [row.id, row.display_name])
  },
  async fields_get({ model }) {
    return Object.fromEntries(
      [...model.columns.values()].map(({ name, type, target }) => [
        name,
        { name, string: name, type: target ? 'many2one' : (fieldTypes[type] ?? type) },
      ]),
    )
  },
  check_access_rights: async () => true,
  has_access: async () => true,
  async context_get({ registry, uid }) {
    const [row] = await registry.query(
      'SELECT p.lang, p.tz FROM res_users u JOIN res_partner p ON p.id = u.partner_id WHERE u.id = $1',
      [uid],
    )
    return { lang: row?.lang ?? 'en_US', tz: row?.tz ?? false, uid }
  },
  async create({ registry, model, uid, args, kwargs }) {
    const given = kwargs.vals_list ?? kwargs.vals ?? args[0]
    if (!Array.isArray(given)) return createRecord(registry, model, uid, valuesOf(given))
    const ids: number[] = []
    for (const values of given) ids.push(await createRecord(registry, model, uid, valuesOf(values)))
    return ids
  },
  write: ({ registry, model, uid, args, kwargs }) =>
    writeRecords(registry, model, uid, idsOf(args[0]), valuesOf(kwargs.vals ?? args[1])),
  unlink: ({ registry, model, args }) => deleteRecords(registry, model, idsOf(args[0])),
  async get_param({ registry, model, args }) {
    const [row] = await registry.query(`SELECT value FROM "${model.table}" WHERE key = $1`, [
      args[0],
    ])
    return row?.value ?? args[1] ?? false
  },
}

const fieldTypes: Readonly<Record<string, string>> = {
  int4: 'integer',
  float8: 'float',
  numeric: 'float',
  bool: 'boolean',
  varchar: 'char',
  timestamp: 'datetime',
  jsonb: 'char',
  bytea: 'binary',
}

/** Positional arguments of `search`: domain, offset, limit, order. */
function searchOptions({ args, kwargs }: Call): SearchOptions {
  const limit = kwargs.limit ?? args[2]
  const context = isRecord(kwargs.context) ? kwargs.context : {}
  return {
    domain: kwargs.domain ?? args[0] ?? [],
    offset: Number(kwargs.offset ?? args[1] ?? 0),
    limit: limit ? Number(limit) : undefined,
    order: String(kwargs.order || args[3] || ''),
    activeTest: context.active_test !== false,
  }
}

function idsOf(value: unknown): number[] {
  const ids = (Array.isArray(value) ? value : [value]).map(Number)
  if (ids.every(Number.isSafeInteger)) return ids
  throw new RpcError('ValueError', `${JSON.stringify(value)} are not ids`)
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : []
}

function valuesOf(value: unknown): Record<string, unknown> {
  if (isRecord(value)) return value
  throw new RpcError('ValueError', 'values are a dictionary')
}
