import type { TSchema } from 'typebox'
import Type from 'typebox'
import { Value } from 'typebox/value'

/** A command line that a task does not understand; every mistake is in the message. */
export class TaskArgsError extends Error {
  constructor(task: string, mistakes: readonly string[]) {
    super(`pulse task ${task}: ${mistakes.join('; ')}`)
    this.name = 'TaskArgsError'
  }
}

/**
 * `--environment-uid=…` → `environmentUid`, typed by the task's schema. A flag alone is true, a list is joined by
 * commas. A flag that is not in the schema is a mistake, not a surprise.
 */
export function parseTaskArgs<Schema extends TSchema>(
  task: string,
  schema: Schema,
  argv: readonly string[],
): Type.Static<Schema> {
  const known = propertiesOf(schema)
  const values: Record<string, unknown> = {}
  const mistakes: string[] = []
  for (const argument of argv) {
    const parts = /^--([a-z][a-z0-9-]*)(?:=([\s\S]*))?$/.exec(argument)
    const property = parts?.[1]?.replaceAll(/-([a-z0-9])/g, (_, letter) => letter.toUpperCase())
    const kind = property === undefined ? undefined : known[property]
    if (property === undefined || kind === undefined) mistakes.push(`unknown argument ${argument}`)
    else values[property] = convert(kind, parts?.[2])
  }
  const complete = Value.Default(schema, values)
  if (!Value.Check(schema, complete)) {
    mistakes.push(...Value.Errors(schema, complete).flatMap(mistakesOf))
  }
  if (mistakes.length > 0) throw new TaskArgsError(task, mistakes)
  return Value.Parse(schema, complete)
}

function propertiesOf(schema: TSchema): Readonly<Record<string, TSchema>> {
  return Type.IsObject(schema) ? schema.properties : {}
}

function convert(kind: TSchema, value: string | undefined): unknown {
  if (Type.IsBoolean(kind)) return value === undefined || value === 'true'
  if (Type.IsInteger(kind)) return Number(value)
  if (Type.IsArray(kind)) return value === undefined || value === '' ? [] : value.split(',')
  return value
}

function mistakesOf(error: ReturnType<typeof Value.Errors>[number]): readonly string[] {
  if (error.keyword === 'required') {
    return error.params.requiredProperties.map((property) => `${flagOf(property)} is missing`)
  }
  const property = error.instancePath.split('/')[1]
  return [property === undefined ? error.message : `${flagOf(property)} ${error.message}`]
}

function flagOf(property: string): string {
  return `--${property.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}
