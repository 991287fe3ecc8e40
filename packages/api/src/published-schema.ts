import { apiGroup, apiGroupVersion } from './group.ts'
import { withImmutability } from './immutable-schema.ts'
import { isRecord, type UnknownRecord } from './record.ts'

/**
 * The schema as clients read it. Ours describe the stored object, so fields with a default are not `required` of a
 * writer, and our own keywords (`derived`, `rule`) become part of the description.
 */
export function publishedSchema(own: {
  readonly kind: string
  readonly description: string
  readonly spec: object
  readonly status: object
  readonly immutable: readonly string[]
}): UnknownRecord {
  return {
    type: 'object',
    description: own.description,
    required: ['metadata', 'spec'],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      spec: {
        ...withImmutability(publish(own.spec), own.immutable),
        description: `What ${own.kind} asks for.`,
      },
      status: { ...publish(own.status), description: 'What there is.' },
    },
    'x-kubernetes-group-version-kind': [
      { group: apiGroup, version: apiGroupVersion, kind: own.kind },
    ],
  }
}

function publish(schema: unknown): UnknownRecord {
  if (!isRecord(schema)) return {}
  const {
    properties,
    required,
    derived,
    rule,
    items,
    additionalProperties,
    patternProperties,
    ...rest
  } = schema
  const patterns = isRecord(patternProperties) ? Object.values(patternProperties) : []
  const description = describe(schema)
  return {
    ...rest,
    ...(description === undefined ? {} : { description }),
    ...(items === undefined ? {} : { items: publish(items) }),
    ...(isRecord(properties) ? publishProperties(properties, required) : {}),
    ...(patterns.length > 0 ? { additionalProperties: publish(patterns[0]) } : {}),
    ...(isRecord(additionalProperties)
      ? { additionalProperties: publish(additionalProperties) }
      : {}),
  }
}

function publishProperties(properties: UnknownRecord, required: unknown): UnknownRecord {
  const names = Array.isArray(required) ? required : []
  const asked = names.filter((name) => {
    const property = properties[String(name)]
    return isRecord(property) && property.default === undefined && property.derived === undefined
  })
  return {
    ...(asked.length > 0 ? { required: asked } : {}),
    properties: Object.fromEntries(
      Object.entries(properties).map(([name, property]) => [name, publish(property)]),
    ),
  }
}

function describe(schema: UnknownRecord): string | undefined {
  if (typeof schema.description !== 'string') return undefined
  return typeof schema.derived === 'string'
    ? `${schema.description} Default: ${schema.derived}.`
    : schema.description
}
