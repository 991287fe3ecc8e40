import type { TSchema } from 'typebox'
import Schema from 'typebox/schema'
import { Settings } from 'typebox/system'
import { type Cause, invalid, required } from './cause.ts'
import { fieldPath, pointerValue } from './field-pointer.ts'
import { nearest } from './nearest.ts'
import { isRecord, valueAt } from './record.ts'
import { typeRule } from './type-rule.ts'
import { findUnknownFields } from './unknown-fields.ts'

type SchemaError = ReturnType<typeof Schema.Errors>[1][number]

/** Every way in which a value departs from its schema, unknown fields included; `root` is its path in the object. */
export function structureCauses(schema: TSchema, value: unknown, root: string): readonly Cause[] {
  if (value === undefined) return [required(root)]
  const errors = allErrors(schema, value)
  const unknown = findUnknownFields(value, schema, root).map(({ path, nearest }) =>
    invalid(path, nearest === undefined ? 'is unknown' : `is unknown; did you mean "${nearest}"?`),
  )
  const causes = errors.flatMap((error) => causesOf(error, schema, value, root))
  return [...unknown, ...withoutFollowers(causes)]
}

/** TypeBox stops at eight unless told otherwise; its settings are global, so they are put back at once. */
function allErrors(schema: TSchema, value: unknown): readonly SchemaError[] {
  const { maxErrors } = Settings.Get()
  Settings.Set({ maxErrors: Number.MAX_SAFE_INTEGER })
  const [, errors] = Schema.Errors(schema, value)
  Settings.Set({ maxErrors })
  return errors
}

/** A value of the wrong type breaks other rules as well: only the first is worth reading. */
function withoutFollowers(causes: readonly Cause[]): readonly Cause[] {
  const seen = new Set<string>()
  return causes.filter(({ field, message }) => {
    const first = !seen.has(field)
    if (message.startsWith('must be a') || first) seen.add(field)
    return first
  })
}

function causesOf(
  error: SchemaError,
  schema: TSchema,
  value: unknown,
  root: string,
): readonly Cause[] {
  const field = fieldPath(error.instancePath, root)
  const given = pointerValue(value, error.instancePath)
  switch (error.keyword) {
    // Unknown fields are found by `findUnknownFields`, which knows the nearest name.
    case 'additionalProperties':
    case 'unevaluatedProperties':
    case 'boolean':
      return []
    case 'required':
      return error.params.requiredProperties.map((name) => required(`${field}.${name}`))
    case 'enum':
      return [
        {
          reason: 'FieldValueNotSupported',
          field,
          message: supported(error.params.allowedValues, given),
        },
      ]
    case 'type':
      return [invalid(field, typeRule([error.params.type].flat(), given))]
    default:
      return [invalid(field, ruleOf(error, schema))]
  }
}

function supported(allowed: readonly unknown[], given: unknown): string {
  const names = allowed.map(String)
  const guess = typeof given === 'string' ? nearest(given, names) : undefined
  const list = `must be one of ${names.map((name) => JSON.stringify(name)).join(', ')}`
  if (guess !== undefined) return `${list}; did you mean "${guess}"?`
  return names.includes(String(given)) && typeof given !== 'string'
    ? `${list}; write it in quotes`
    : list
}

/** The schema's own sentence for people (`rule`), where it has one. */
function ruleOf(error: SchemaError, schema: TSchema): string {
  const path = error.schemaPath.replace(/^#\/?/, '')
  const own = path === '' ? schema : valueAt(schema, path.replaceAll('/', '.'))
  if (error.keyword === 'pattern' && isRecord(own) && typeof own.rule === 'string') return own.rule
  if (error.keyword === 'format' && error.params.format === 'email') return 'is no e-mail address'
  return error.message
}
