import { isRecord, type UnknownRecord } from './record.ts'

const message = 'is immutable'

/**
 * Adds Kubernetes' validation rules (CEL) that say what never changes. A field gets its rule at itself; one that may
 * be absent also gets one at the spec, because a field's own rule is not asked when the field comes or goes. Not even
 * a spec that is immutable as a whole gets a rule as a whole: Crossplane keeps notes of its own in it.
 */
export function withImmutability(spec: UnknownRecord, immutable: readonly string[]): UnknownRecord {
  const properties = isRecord(spec.properties) ? spec.properties : {}
  const names = immutable.includes('spec')
    ? Object.keys(properties)
    : immutable.map((path) => path.replace(/^spec\./, ''))
  if (names.length === 0) return spec
  const required = Array.isArray(spec.required) ? spec.required : []
  const marked = Object.entries(properties).map(([name, property]) => [
    name,
    isRecord(property) && names.includes(name)
      ? { ...property, 'x-kubernetes-validations': [{ rule: 'self == oldSelf', message }] }
      : property,
  ])
  const optional = names.filter((name) => {
    const property = properties[name]
    return !required.includes(name) && !(isRecord(property) && property.default !== undefined)
  })
  return {
    ...spec,
    properties: Object.fromEntries(marked),
    ...(optional.length === 0
      ? {}
      : {
          'x-kubernetes-validations': optional.map((name) => ({
            rule: `has(self.${name}) == has(oldSelf.${name})`,
            message: `${name} ${message}`,
          })),
        }),
  }
}
