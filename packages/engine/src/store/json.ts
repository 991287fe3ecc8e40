import { isRecord, StatusError, type UnknownRecord } from '@pulse/api'

export type JsonRecord = UnknownRecord

/**
 * A copy that shares nothing with the original and holds only what JSON and PostgreSQL can: `undefined` is left out,
 * broken UTF-16 is mended as Kubernetes does. A NUL character and the key `__proto__` are refused: the one cannot be
 * stored, the other would change the prototype of whatever it is merged into.
 */
export function copyJson<T>(value: T): T {
  // The copy has the shape of the original, which the compiler cannot see through the recursion.
  return copy(value, '') as T
}

function copy(value: unknown, field: string): unknown {
  if (typeof value === 'string') return copyString(value, field)
  if (typeof value !== 'object' || value === null) return Number.isNaN(value) ? null : value
  if (Array.isArray(value)) return value.map((item, index) => copy(item, `${field}[${index}]`))
  const result: Record<string, unknown> = {}
  for (const [key, item] of Object.entries(value)) {
    if (key === '__proto__' || key.includes('\u0000')) throw unstorable(`${field}.${key}`)
    if (item !== undefined) result[key] = copy(item, `${field}.${key}`)
  }
  return result
}

function copyString(text: string, field: string): string {
  if (text.includes('\u0000')) throw unstorable(field)
  return text.isWellFormed() ? text : text.toWellFormed()
}

function unstorable(field: string): StatusError {
  const name = field.replace(/^\./, '').replaceAll('\u0000', '\\0')
  return new StatusError('BadRequest', `${name}: NUL characters and "__proto__" cannot be stored`)
}

/** Equal as JSON: the order of keys does not matter, and an `undefined` member is an absent one. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => sameJson(item, b[index]))
  }
  if (!isRecord(a) || !isRecord(b)) return false
  const keys = definedKeys(a)
  return keys.length === definedKeys(b).length && keys.every((key) => sameJson(a[key], b[key]))
}

function definedKeys(record: JsonRecord): string[] {
  return Object.keys(record).filter((key) => record[key] !== undefined)
}

/** The record without these keys. */
export function without(record: JsonRecord, ...keys: readonly string[]): JsonRecord {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key)))
}

/** The same without members that are null: to Kubernetes they are absent, and clients of it write many. */
export function withoutNulls(record: JsonRecord): JsonRecord {
  const members = Object.entries(record).filter(([, member]) => member !== null)
  return Object.fromEntries(members.map(([name, member]) => [name, stripped(member)]))
}

function stripped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(stripped)
  return isRecord(value) ? withoutNulls(value) : value
}
