import {
  type Cause,
  findUnknownFields,
  findWrongTypes,
  isRecord,
  type KindDefinition,
  misspeltAnnotations,
  objectMetaSchema,
  pruneUnknownFields,
  StatusError,
  type UnknownField,
} from '@pulse/api'
import { withoutNulls } from '../store/json.ts'
import type { FieldValidation } from './query.ts'

/** Enough to mend a file by; more would only fill the terminal or burst the headers. */
const maxNamed = 20

export interface CheckedFields {
  readonly value: unknown
  readonly warnings: readonly string[]
}

/**
 * Treats fields that the schema does not know: `Strict` refuses them, all at once; `Warn` and `Ignore` drop them, the
 * first saying so.
 */
export function checkFields(
  value: unknown,
  definition: KindDefinition,
  mode: FieldValidation,
): CheckedFields {
  const schema = knownOf(definition)
  const warnings = judge(value, { definition, mode, unknown: unknownIn(value, schema) })
  return { value: pruneUnknownFields(value, schema), warnings }
}

/** The same for a strategic merge patch, whose directives stand among the fields, and stay. */
export function checkStrategicPatch(
  patch: unknown,
  definition: KindDefinition,
  mode: FieldValidation,
): CheckedFields {
  const schema = knownOf(definition)
  const unknown = unknownIn(withoutDirectives(patch), schema)
  const warnings = judge(patch, { definition, mode, unknown })
  return { value: pruneUnknownFields(patch, schema, isDirective), warnings }
}

/** The same for a JSON patch, which names its fields in pointers: what sets an unknown one is left out. */
export function checkPatchOperations(
  operations: readonly unknown[],
  definition: KindDefinition,
  mode: FieldValidation,
): { readonly operations: readonly unknown[]; readonly warnings: readonly string[] } {
  const schema = knownOf(definition)
  const unknown: UnknownField[] = []
  const dropped: string[] = []
  const kept = operations.flatMap((operation) => {
    const checked = checkOperation(operation, schema)
    // What has been left out is told once, whatever is put below it.
    if (!checked.isKept && dropped.some((path) => checked.path.startsWith(`${path}/`))) return []
    unknown.push(...checked.unknown)
    if (checked.isKept) return [checked.operation]
    // Below what never was a patch fails, be it known or not.
    if (!checked.hasParent) return [operation]
    dropped.push(checked.path)
    return []
  })
  return { operations: kept, warnings: judge(undefined, { definition, mode, unknown }) }
}

/**
 * Of Kubernetes' own kinds, a value that is not of its field's type makes the whole object unreadable, whatever is asked
 * for. Ours are judged by their rules, as custom resources are.
 */
export function refuseWrongTypes(value: unknown, definition: KindDefinition): void {
  if (definition.structural) return
  const wrong = findWrongTypes(value, definition.schema)
  if (wrong.length === 0) return
  const causes = wrong
    .slice(0, maxNamed)
    .map(({ path, rule }): Cause => ({ reason: 'FieldValueInvalid', field: path, message: rule }))
  const more = wrong.length - causes.length
  const sentences = causes.map(({ field, message }) => `${field} ${message}`)
  if (more > 0) sentences.push(`and ${more} more fields`)
  throw new StatusError('BadRequest', `${unreadable(definition)}: ${sentences.join(', ')}`, {
    causes,
  })
}

interface Found {
  readonly definition: KindDefinition
  readonly mode: FieldValidation
  readonly unknown: readonly UnknownField[]
}

function judge(value: unknown, { definition, mode, unknown }: Found): readonly string[] {
  if (unknown.length > 0 && mode === 'Strict') throw strictError(definition, unknown)
  return mode === 'Ignore' ? [] : [...named(unknown), ...annotationWarnings(value, definition)]
}

/** `null` in a patch takes a field away: of an unknown one there is nothing to complain. */
function unknownIn(value: unknown, schema: object): readonly UnknownField[] {
  return findUnknownFields(isRecord(value) ? withoutNulls(value) : value, schema)
}

function isDirective(name: string): boolean {
  return name.startsWith('$')
}

function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives)
  if (!isRecord(value)) return value
  const fields = Object.entries(value).filter(([name]) => !isDirective(name))
  return Object.fromEntries(fields.map(([name, inner]) => [name, withoutDirectives(inner)]))
}

const metadata = {
  ...objectMetaSchema,
  properties: { ...objectMetaSchema.properties, selfLink: { type: 'string' } },
}

/** The schemas of our kinds leave the metadata to Kubernetes, which means it is known there as it is here. */
function knownOf({ structural, schema }: KindDefinition): object {
  if (!structural) return schema
  const properties = isRecord(schema.properties) ? schema.properties : {}
  return { ...schema, properties: { ...properties, metadata } }
}

/** Never refused: annotations are everybody's, and what is stored must not hold up other changes. */
function annotationWarnings(value: unknown, { structural }: KindDefinition): readonly string[] {
  if (!structural) return []
  return misspeltAnnotations(value).map(
    ({ name, nearest }) => `annotation "${name}" means nothing here (did you mean "${nearest}"?)`,
  )
}

type CheckedOperation = { readonly unknown: readonly UnknownField[] } & (
  | { readonly isKept: true; readonly operation: unknown }
  | { readonly isKept: false; readonly path: string; readonly hasParent: boolean }
)

function checkOperation(operation: unknown, schema: object): CheckedOperation {
  const asIs = { isKept: true, operation, unknown: [] } as const
  if (!isRecord(operation) || operation.op === 'remove' || operation.op === 'test') return asIs
  const { path } = operation
  if (typeof path !== 'string') return asIs
  const names = path
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
  // What is moved or copied is there already, so its fields are known.
  const given = nested(names, 'value' in operation ? operation.value : '')
  const unknown = unknownIn(given, schema)
  const left = pruneUnknownFields(given, schema)
  const value = innermost(names, left)
  if (value === undefined) {
    const hasParent = innermost(names.slice(0, -1), left) !== undefined
    return { isKept: false, path, hasParent, unknown }
  }
  const changed = 'value' in operation ? { ...operation, value } : operation
  return { isKept: true, operation: changed, unknown }
}

const isIndex = (name: string) => /^(\d+|-)$/.test(name)

/** `spec`, `sleep`, `idle` and a value as the object that it would be part of. */
function nested(names: readonly string[], value: unknown): unknown {
  return names.reduceRight((inner, name) => (isIndex(name) ? [inner] : { [name]: inner }), value)
}

/** What is left of the value; undefined if its place is gone. */
function innermost(names: readonly string[], object: unknown): unknown {
  return names.reduce<unknown>((inner, name) => {
    if (isIndex(name)) return Array.isArray(inner) ? inner[0] : undefined
    return isRecord(inner) ? inner[name] : undefined
  }, object)
}

/** The sentence is Kubernetes'; the causes are for clients that know where each field was written. */
function strictError(definition: KindDefinition, unknown: readonly UnknownField[]): StatusError {
  const causes = unknown.slice(0, maxNamed).map(({ path, nearest }): Cause => {
    const guess = nearest === undefined ? '' : `, did you mean "${nearest}"?`
    return { reason: 'FieldValueInvalid', field: path, message: `unknown field${guess}` }
  })
  return new StatusError(
    'BadRequest',
    `${unreadable(definition)}: strict decoding error: ${named(unknown).join(', ')}`,
    { causes },
  )
}

function unreadable({ kind, version }: KindDefinition): string {
  return `${kind} in version "${version}" cannot be handled as a ${kind}`
}

function named(unknown: readonly UnknownField[]): readonly string[] {
  const names = unknown.slice(0, maxNamed).map(({ path, nearest }) => {
    const guess = nearest === undefined ? '' : ` (did you mean "${siblingOf(path, nearest)}"?)`
    return `unknown field "${path}"${guess}`
  })
  const more = unknown.length - maxNamed
  return more > 0 ? [...names, `and ${more} more unknown fields`] : names
}

function siblingOf(path: string, name: string): string {
  return path.includes('.') ? `${path.slice(0, path.lastIndexOf('.'))}.${name}` : name
}
