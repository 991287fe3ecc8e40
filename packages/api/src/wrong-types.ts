import { isRecord } from './record.ts'
import { typeRule } from './type-rule.ts'

export interface WrongType {
  /** `spec.replicas`, `spec.template.spec.containers[0].name`. */
  readonly path: string
  /** What must stand there, in words. */
  readonly rule: string
}

/** Every value that is not of the type that the schema gives its field; null stands for nothing, as in Kubernetes. */
export function findWrongTypes(value: unknown, schema: unknown, path = ''): readonly WrongType[] {
  if (value === null || value === undefined || !isRecord(schema)) return []
  const allowed = [schema.type].flat().filter((type) => typeof type === 'string')
  if (allowed.length > 0 && !allowed.some((type) => isOfType(value, type))) {
    return [{ path, rule: typeRule(allowed, value) }]
  }
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => findWrongTypes(item, schema.items, `${path}[${index}]`))
  }
  if (!isRecord(value)) return []
  const { properties, additionalProperties } = schema
  return Object.entries(value).flatMap(([name, field]) => {
    const known = isRecord(properties) && Object.hasOwn(properties, name)
    const at = path === '' ? name : `${path}.${name}`
    return findWrongTypes(field, known ? properties[name] : additionalProperties, at)
  })
}

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case 'array':
      return Array.isArray(value)
    case 'object':
      return isRecord(value)
    case 'integer':
      return Number.isInteger(value)
    default:
      return typeof value === type
  }
}
