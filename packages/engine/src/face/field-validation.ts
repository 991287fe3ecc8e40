import {
  type Cause,
  findUnknownFields,
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
 * first saying so. Of Kubernetes' own kinds only the metadata is looked at: their schemas here are open.
 */
export function checkFields(
  value: unknown,
  definition: KindDefinition,
  mode: FieldValidation,
): CheckedFields {
  const schema = knownOf(definition)
  // `null` in a patch takes a field away: of an unknown one there is nothing to complain.
  const unknown = findUnknownFields(isRecord(value) ? withoutNulls(value) : value, schema)
  if (unknown.length > 0 && mode === 'Strict') throw strictError(definition, unknown)
  return {
    value: pruneUnknownFields(value, schema),
    warnings:
      mode === 'Ignore' ? [] : [...named(unknown), ...annotationWarnings(value, definition)],
  }
}

const open = { 'x-kubernetes-preserve-unknown-fields': true }
const metadata = {
  ...objectMetaSchema,
  properties: { ...objectMetaSchema.properties, selfLink: { type: 'string' } },
}

/** The metadata of every kind is known; of Kubernetes' own, nothing else is. */
function knownOf({ structural, schema }: KindDefinition): object {
  if (!structural) return { properties: { metadata }, additionalProperties: open }
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

/** The same for a JSON patch, which names its fields in pointers; under `Warn` and `Ignore` the rules of the kind decide. */
export function checkPatchOperations(
  operations: readonly unknown[],
  definition: KindDefinition,
  mode: FieldValidation,
): void {
  if (mode !== 'Strict') return
  for (const operation of operations) {
    if (!isRecord(operation) || operation.op === 'remove' || operation.op === 'test') continue
    const { path, value } = operation
    if (typeof path === 'string') checkFields(nested(path, value ?? null), definition, mode)
  }
}

/** `/spec/sleep/idle` with a value as the object it would be part of. */
function nested(pointer: string, value: unknown): unknown {
  const names = pointer.split('/').slice(1)
  return names.reduceRight((inner, name) => {
    if (/^(\d+|-)$/.test(name)) return [inner]
    return { [name.replaceAll('~1', '/').replaceAll('~0', '~')]: inner }
  }, value)
}

/** The sentence is Kubernetes'; the causes are for clients that know where each field was written. */
function strictError(definition: KindDefinition, unknown: readonly UnknownField[]): StatusError {
  const { kind, version } = definition
  const causes = unknown.slice(0, maxNamed).map(({ path, nearest }): Cause => {
    const guess = nearest === undefined ? '' : `, did you mean "${nearest}"?`
    return { reason: 'FieldValueInvalid', field: path, message: `unknown field${guess}` }
  })
  return new StatusError(
    'BadRequest',
    `${kind} in version "${version}" cannot be handled as a ${kind}: strict decoding error: ${named(unknown).join(', ')}`,
    { causes },
  )
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
