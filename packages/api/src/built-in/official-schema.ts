/**
 * What Kubernetes' own kinds are made of, as far as they are served here. The table is read where objects are checked
 * and described, so this file is imported only there.
 */
import type { UnknownRecord } from '../record.ts'
import officialTypes from './official-types.json' with { type: 'json' }

type Fields = Readonly<Record<string, string>>

const types: Readonly<Record<string, Fields>> = officialTypes

interface NamedKind {
  readonly group: string
  readonly version: string
  readonly kind: string
}

/** The name of a kind among the types. */
export function typeOfKind({ group, version, kind }: NamedKind): string {
  return `${group || 'core'}.${version}.${kind}`
}

/** The fields of a kind, or of a type that another one refers to. */
export function fieldsOfType(name: string): Fields {
  const fields = types[name]
  if (fields === undefined) throw new Error(`there is no type ${name}`)
  return fields
}

/** The schema of a kind, with every part of it in place. */
export function officialSchema(kind: NamedKind): UnknownRecord {
  return recordSchema(fieldsOfType(typeOfKind(kind)))
}

/** Made once, and shared by all the kinds that have them: Pods alone are in five. */
const parts = new Map<string, UnknownRecord>()

function partSchema(name: string): UnknownRecord {
  const known = parts.get(name)
  if (known !== undefined) return known
  const schema = words[name] ?? recordSchema(fieldsOfType(name))
  parts.set(name, schema)
  return schema
}

function recordSchema(fields: Fields): UnknownRecord {
  const properties = Object.entries(fields).map(
    ([name, type]) => [name, typeSchema(type, partSchema)] as const,
  )
  return { type: 'object', properties: Object.fromEntries(properties) }
}

/** Types that have no fields of their own. */
const words: Readonly<Record<string, UnknownRecord>> = {
  boolean: { type: 'boolean' },
  integer: { type: 'integer' },
  string: { type: 'string' },
  FieldsV1: { 'x-kubernetes-preserve-unknown-fields': true },
  IntOrString: { type: ['integer', 'string'] },
  MicroTime: { type: 'string' },
  Quantity: { type: ['string', 'number'] },
  Time: { type: 'string' },
}

/**
 * The schema of a type as the table writes it: `[]` before a type is a list of it and `{}` a map, `=a|b` is one of these
 * words, and `!` at the end says that the field is required.
 */
export function typeSchema(type: string, refer: (name: string) => UnknownRecord): UnknownRecord {
  const plain = type.replace(/!$/, '')
  if (plain.startsWith('[]')) return { type: 'array', items: typeSchema(plain.slice(2), refer) }
  if (plain.startsWith('{}')) {
    return { type: 'object', additionalProperties: typeSchema(plain.slice(2), refer) }
  }
  if (plain.startsWith('=')) return { type: 'string', enum: plain.slice(1).split('|') }
  return refer(plain)
}
