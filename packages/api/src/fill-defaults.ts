import { isRecord } from './record.ts'

/**
 * Fills in a schema's `default`s; never overwrites, and leaves alone what is not an object. A field that is null, as
 * an empty line in YAML is, counts as not given.
 */
export function fillDefaults(value: unknown, schema: unknown): unknown {
  if (!isRecord(schema)) return value
  if (Array.isArray(value)) return value.map((item) => fillDefaults(item, schema.items))
  if (!isRecord(value) || !isRecord(schema.properties)) return value
  const filled: Record<string, unknown> = { ...value }
  for (const [name, property] of Object.entries(schema.properties)) {
    if (!isRecord(property)) continue
    const given = filled[name] ?? property.default
    if (given === undefined) delete filled[name]
    else filled[name] = fillDefaults(given, property)
  }
  return filled
}
