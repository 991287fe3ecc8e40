import { isRecord } from './record.ts'

/** Fills in a schema's `default`s; never overwrites, and leaves alone what is not an object. */
export function fillDefaults(value: unknown, schema: unknown): unknown {
  if (!isRecord(schema)) return value
  if (Array.isArray(value)) return value.map((item) => fillDefaults(item, schema.items))
  if (!isRecord(value) || !isRecord(schema.properties)) return value
  const filled: Record<string, unknown> = { ...value }
  for (const [name, property] of Object.entries(schema.properties)) {
    if (!isRecord(property)) continue
    const given = filled[name] ?? (filled[name] === undefined ? property.default : null)
    if (given !== undefined) filled[name] = fillDefaults(given, property)
  }
  return filled
}
