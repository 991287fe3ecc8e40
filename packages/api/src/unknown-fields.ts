import { nearest } from './nearest.ts'
import { isRecord, type UnknownRecord } from './record.ts'

export interface UnknownField {
  /** `spec.tire`, `spec.sleep.idle`. */
  readonly path: string
  /** The known field that was probably meant. */
  readonly nearest?: string
}

/** Guessing costs: a large file of another kind must not hold up everyone else. */
const maxGuesses = 100

/** Fields that the schema does not know, with the nearest known name; `root` begins every path. */
export function findUnknownFields(value: unknown, schema: object, root = ''): UnknownField[] {
  const found: UnknownField[] = []
  walk(value, schema, root, (path, name, known) => {
    const guess = found.length < maxGuesses ? nearest(name, known) : undefined
    found.push(guess === undefined ? { path } : { path, nearest: guess })
    return false
  })
  return found
}

/** A copy without the fields that the schema does not know, as Kubernetes prunes them, but for those that are kept. */
export function pruneUnknownFields(
  value: unknown,
  schema: object,
  isKept: (name: string) => boolean = () => false,
): unknown {
  return walk(value, schema, '', (_, name) => isKept(name))
}

/** Told of a field that is not known; the answer is whether it stays. */
type OnUnknown = (path: string, name: string, known: readonly string[]) => boolean

/** Walks value and schema together; gives back the value without what is unknown. */
function walk(value: unknown, schema: object, path: string, onUnknown: OnUnknown): unknown {
  if (!isRecord(schema) || schema['x-kubernetes-preserve-unknown-fields'] === true) return value
  if (Array.isArray(value)) {
    const { items } = schema
    if (!isRecord(items)) return value
    return value.map((item, index) => walk(item, items, `${path}[${index}]`, onUnknown))
  }
  if (!isRecord(value)) return value
  const properties = isRecord(schema.properties) ? schema.properties : undefined
  const rest = restSchema(schema)
  if (properties === undefined && rest === undefined) return value

  const known: [string, unknown][] = []
  for (const [name, field] of Object.entries(value)) {
    const at = path === '' ? name : `${path}.${name}`
    const fieldSchema = ownSchema(properties, name) ?? rest
    if (fieldSchema !== undefined) known.push([name, walk(field, fieldSchema, at, onUnknown)])
    else if (onUnknown(at, name, Object.keys(properties ?? {}))) known.push([name, field])
  }
  return Object.fromEntries(known)
}

function ownSchema(properties: UnknownRecord | undefined, name: string): UnknownRecord | undefined {
  if (properties === undefined || !Object.hasOwn(properties, name)) return undefined
  const schema = properties[name]
  return isRecord(schema) ? schema : undefined
}

/** The schema of fields whose names are free: maps. */
function restSchema(schema: UnknownRecord): UnknownRecord | undefined {
  if (isRecord(schema.additionalProperties)) return schema.additionalProperties
  const patterns = isRecord(schema.patternProperties) ? Object.values(schema.patternProperties) : []
  return patterns.find(isRecord)
}
