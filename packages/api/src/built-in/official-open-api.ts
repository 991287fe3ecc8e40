/**
 * Kubernetes' own kinds as OpenAPI describes them, with what each field means. The descriptions weigh more than all the
 * rest of the registry, so this file is imported only when somebody asks for a document.
 */
import type { KindDefinition } from '../kind.ts'
import type { UnknownRecord } from '../record.ts'
import descriptions from './official-descriptions.json' with { type: 'json' }
import { fieldsOfType, typeOfKind, typeSchema } from './official-schema.ts'

const meanings: Readonly<Record<string, Readonly<Record<string, string>>>> = descriptions

/** The schema of a kind, which refers to its parts by their names in the same document. */
export function officialOpenApi(kind: KindDefinition): UnknownRecord {
  const name = typeOfKind(kind)
  return recordSchema(name, fieldsOfType(name))
}

/** The parts of which the kinds are made, by name, each once. */
export function officialParts(
  kinds: readonly KindDefinition[],
): Readonly<Record<string, UnknownRecord>> {
  const found = new Map<string, UnknownRecord>()
  const collect = (fields: Readonly<Record<string, string>>) => {
    for (const type of Object.values(fields)) {
      typeSchema(type, (name) => {
        if (name in inline || found.has(name)) return {}
        const word = words[name]
        if (word !== undefined) found.set(name, word)
        else {
          const parts = fieldsOfType(name)
          found.set(name, recordSchema(name, parts))
          collect(parts)
        }
        return {}
      })
    }
  }
  for (const kind of kinds) collect(fieldsOfType(typeOfKind(kind)))
  return Object.fromEntries(found)
}

function recordSchema(name: string, fields: Readonly<Record<string, string>>): UnknownRecord {
  const required = Object.keys(fields).filter((field) => fields[field]?.endsWith('!'))
  const properties = Object.entries(fields).map(([field, type]) => {
    const description = meanings[name]?.[field]
    return [field, { ...(description && { description }), ...typeSchema(type, refer) }] as const
  })
  return {
    type: 'object',
    ...(required.length > 0 && { required }),
    properties: Object.fromEntries(properties),
  }
}

function refer(name: string): UnknownRecord {
  return inline[name] ?? { allOf: [{ $ref: `#/components/schemas/${name}` }] }
}

const inline: Readonly<Record<string, UnknownRecord>> = {
  boolean: { type: 'boolean' },
  integer: { type: 'integer' },
  string: { type: 'string' },
}

/** What `kubectl explain` names rather than saying what it is written as. */
const words: Readonly<Record<string, UnknownRecord>> = {
  FieldsV1: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  IntOrString: { oneOf: [{ type: 'integer' }, { type: 'string' }] },
  MicroTime: { type: 'string', format: 'date-time' },
  Quantity: { oneOf: [{ type: 'string' }, { type: 'number' }] },
  Time: { type: 'string', format: 'date-time' },
}
