import type { Static, TSchema } from 'typebox'
import { Value } from 'typebox/value'

/** What a JSON text holds, if it is as the schema says; undefined for anything else, half a file included. */
export function parseJson<Schema extends TSchema>(
  schema: Schema,
  text: string,
): Static<Schema> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return Value.Check(schema, value) ? value : undefined
  } catch {
    return undefined
  }
}
