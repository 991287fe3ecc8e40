import { type Cause, isRecord, type KindDefinition, type KubeObject } from '@pulse/api'

const dnsLabel = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/

/**
 * The mistakes in metadata that no kind can see for itself: they follow from its scope and from the life of the object.
 * What names, labels, annotations and finalizers may look like is each kind's own rule.
 */
export function metadataCauses(
  object: KubeObject,
  old: KubeObject | undefined,
  definition: KindDefinition,
): readonly Cause[] {
  return [
    ...namespaceCauses(object, definition),
    ...finalizerCauses(object, old),
    ...ownerCauses(object.metadata.ownerReferences),
  ]
}

function namespaceCauses(
  { metadata: { namespace } }: KubeObject,
  { namespaced, kind }: KindDefinition,
): readonly Cause[] {
  const field = 'metadata.namespace'
  if (!namespaced) {
    const message = `${kind} is cluster-scoped`
    return namespace === undefined ? [] : [{ reason: 'FieldValueForbidden', field, message }]
  }
  if (dnsLabel.test(namespace ?? '')) return []
  return [wrong(field, 'must be a lower-case label of at most 63 letters, digits and "-"')]
}

function finalizerCauses({ metadata }: KubeObject, old: KubeObject | undefined): readonly Cause[] {
  const field = 'metadata.finalizers'
  const given: unknown = metadata.finalizers ?? []
  if (!Array.isArray(given)) return [wrong(field, 'must be a list')]
  if (old?.metadata.deletionTimestamp === undefined) return []
  const before = old.metadata.finalizers ?? []
  if (given.every((name: unknown) => before.some((known) => known === name))) return []
  const message = 'no finalizer can be added to an object that is being deleted'
  return [{ reason: 'FieldValueForbidden', field, message }]
}

function ownerCauses(owners: unknown): readonly Cause[] {
  const field = 'metadata.ownerReferences'
  if (owners === undefined) return []
  if (!Array.isArray(owners)) return [wrong(field, 'must be a list')]
  const causes = owners.flatMap((owner: unknown, index) =>
    ['apiVersion', 'kind', 'name', 'uid']
      .filter((key) => !isRecord(owner) || typeof owner[key] !== 'string' || owner[key] === '')
      .map(
        (key): Cause => ({
          reason: 'FieldValueRequired',
          field: `${field}[${index}].${key}`,
          message: 'is required',
        }),
      ),
  )
  const controllers = owners.filter((owner) => isRecord(owner) && owner.controller === true)
  return controllers.length < 2 ? causes : [...causes, wrong(field, 'one may be the controller')]
}

function wrong(field: string, message: string): Cause {
  return { reason: 'FieldValueInvalid', field, message }
}
