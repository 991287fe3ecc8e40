import { quoteName } from './databases.ts'
import { RpcError } from './json-rpc.ts'
import { type Column, type Model, mustHaveColumn } from './models.ts'

/** A WHERE clause with its values; columns are quoted, values are never part of the text. */
export interface Condition {
  readonly sql: string
  readonly values: readonly unknown[]
}

/** Turns a domain in prefix notation (`&`, `|`, `!`; `&` is implied) into SQL. */
export function makeCondition(model: Model, domain: unknown, activeTest = true): Condition {
  if (!Array.isArray(domain)) throw new RpcError('ValueError', 'a domain is a list')
  const values: unknown[] = []
  const place = (value: unknown) => `$${values.push(value)}`
  const rest: unknown[] = [...domain]
  const parts: string[] = []
  while (rest.length > 0) parts.push(readTerm(model, rest, place))

  const asksActive = JSON.stringify(domain).includes('"active"')
  if (activeTest && model.columns.has('active') && !asksActive) parts.push('"active"')
  return { sql: parts.length > 0 ? parts.join(' AND ') : 'true', values }
}

type Place = (value: unknown) => string

function readTerm(model: Model, rest: unknown[], place: Place): string {
  const term = rest.shift()
  if (term === '&') return `(${readTerm(model, rest, place)} AND ${readTerm(model, rest, place)})`
  if (term === '|') return `(${readTerm(model, rest, place)} OR ${readTerm(model, rest, place)})`
  if (term === '!') return `(NOT ${readTerm(model, rest, place)})`
  if (!Array.isArray(term) || term.length !== 3) {
    throw new RpcError('ValueError', `Invalid leaf ${JSON.stringify(term)}`)
  }
  const [field, operator, value] = term
  return makeLeaf(mustHaveColumn(model, String(field)), String(operator), value, place)
}

const comparisons = new Set(['<', '<=', '>', '>='])
const patterns: Readonly<Record<string, string>> = {
  like: 'LIKE',
  ilike: 'ILIKE',
  'not like': 'NOT LIKE',
  'not ilike': 'NOT ILIKE',
}

function makeLeaf(column: Column, operator: string, value: unknown, place: Place): string {
  const name = textOf(column)
  if (comparisons.has(operator)) return `${name} ${operator} ${place(value)}`

  const pattern = patterns[operator]
  if (pattern) return `${name}::text ${pattern} ${place(`%${String(value)}%`)}`
  if (operator === '=like') return `${name}::text LIKE ${place(String(value))}`
  if (operator === '=ilike') return `${name}::text ILIKE ${place(String(value))}`

  if (operator === 'in' || operator === 'not in') {
    const items = (Array.isArray(value) ? value : [value]).map(String)
    const membership = `COALESCE(${name}::text = ANY(${place(items)}), false)`
    return operator === 'in' ? membership : `NOT ${membership}`
  }
  if (operator !== '=' && operator !== '!=') {
    throw new RpcError('ValueError', `Invalid operator ${operator}`)
  }
  return makeEquality(column, name, operator === '=', value, place)
}

/** `False` means empty, and an empty boolean counts as false. */
function makeEquality(
  column: Column,
  name: string,
  equal: boolean,
  value: unknown,
  place: Place,
): string {
  if (column.type === 'bool') {
    return `COALESCE(${name}, false) ${equal ? '=' : '<>'} ${place(Boolean(value))}`
  }
  if (value === false || value === null || value === undefined) {
    return `${name} IS ${equal ? '' : 'NOT '}NULL`
  }
  return `${name}::text IS ${equal ? 'NOT ' : ''}DISTINCT FROM ${place(String(value))}`
}

function textOf({ name, type }: Column): string {
  return type === 'jsonb' ? `(${quoteName(name)}->>'en_US')` : quoteName(name)
}
