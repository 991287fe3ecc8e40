import type { Cause, KindDefinition, KubeObject } from '@pulse/api'
import { isRecord } from './json.ts'

const qualifiedName =
  /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/
const labelValue = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const dnsLabel = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/
const maxNameLength = 253
const maxAnnotationBytes = 256 * 1024

/** Every mistake in the metadata of an object that is to be written. */
export function metadataCauses(
  object: KubeObject,
  old: KubeObject | undefined,
  definition: KindDefinition,
): readonly Cause[] {
  return [
    ...(old === undefined ? nameCauses(object, definition) : []),
    ...labelCauses(object.metadata.labels),
    ...annotationCauses(object.metadata.annotations),
    ...finalizerCauses(object, old),
    ...ownerCauses(object.metadata.ownerReferences),
  ]
}

function nameCauses({ metadata }: KubeObject, definition: KindDefinition): Cause[] {
  const { name, namespace } = metadata
  const causes: Cause[] = []
  // Kubernetes names roles after paths such as `system:node`.
  const legal = definition.group.startsWith('rbac.') ? /^(?!\.\.?$)[^/%]+$/ : subdomain
  if (name.length > maxNameLength || !legal.test(name)) {
    causes.push(
      wrong(
        'metadata.name',
        `a lowercase RFC 1123 name of at most ${maxNameLength} characters: letters, digits, "-" and "."`,
      ),
    )
  }
  if (!definition.namespaced && namespace !== undefined) {
    const message = `${definition.kind} is cluster-scoped`
    causes.push({ reason: 'FieldValueForbidden', field: 'metadata.namespace', message })
  }
  if (definition.namespaced && !dnsLabel.test(namespace ?? '')) {
    causes.push(wrong('metadata.namespace', 'a lowercase RFC 1123 label names the namespace'))
  }
  return causes
}

function labelCauses(labels: unknown): Cause[] {
  if (labels === undefined) return []
  if (!isRecord(labels)) return [wrong('metadata.labels', 'a map of texts')]
  return Object.entries(labels).flatMap(([key, value]) => {
    if (!qualifiedName.test(key)) {
      return [wrong('metadata.labels', `"${key}" is not a qualified name`)]
    }
    const legal = typeof value === 'string' && labelValue.test(value)
    return legal
      ? []
      : [wrong('metadata.labels', `the value of "${key}" is at most 63 letters, digits, "-_."`)]
  })
}

function annotationCauses(annotations: unknown): Cause[] {
  if (annotations === undefined) return []
  if (!isRecord(annotations)) return [wrong('metadata.annotations', 'a map of texts')]
  const entries = Object.entries(annotations)
  const causes = entries.flatMap(([key, value]) =>
    typeof value === 'string' && qualifiedName.test(key.toLowerCase())
      ? []
      : [wrong('metadata.annotations', `"${key}" is a qualified name with a text`)],
  )
  const size = entries.reduce((sum, [key, value]) => sum + key.length + String(value).length, 0)
  if (size <= maxAnnotationBytes) return causes
  return [...causes, wrong('metadata.annotations', `at most ${maxAnnotationBytes} bytes in all`)]
}

function finalizerCauses({ metadata }: KubeObject, old: KubeObject | undefined): Cause[] {
  const given: unknown = metadata.finalizers ?? []
  if (!Array.isArray(given)) return [wrong('metadata.finalizers', 'a list of names')]
  const causes = given.flatMap((name: unknown) =>
    typeof name === 'string' && qualifiedName.test(name)
      ? []
      : [wrong('metadata.finalizers', `${JSON.stringify(name)} is not a qualified name`)],
  )
  if (old?.metadata.deletionTimestamp === undefined) return causes
  const added = given.filter((name: unknown) => !old.metadata.finalizers?.some((o) => o === name))
  if (added.length === 0) return causes
  const message = 'no finalizer can be added to an object that is being deleted'
  return [...causes, { reason: 'FieldValueForbidden', field: 'metadata.finalizers', message }]
}

function ownerCauses(owners: unknown): Cause[] {
  if (owners === undefined) return []
  if (!Array.isArray(owners)) return [wrong('metadata.ownerReferences', 'a list')]
  const causes = owners.flatMap((owner: unknown, index) =>
    ['apiVersion', 'kind', 'name', 'uid']
      .filter((key) => !isRecord(owner) || typeof owner[key] !== 'string' || owner[key] === '')
      .map((key): Cause => {
        const field = `metadata.ownerReferences[${index}].${key}`
        return { reason: 'FieldValueRequired', field, message: 'must not be empty' }
      }),
  )
  const controllers = owners.filter((owner) => isRecord(owner) && owner.controller === true)
  if (controllers.length < 2) return causes
  return [...causes, wrong('metadata.ownerReferences', 'only one may be the controller')]
}

function wrong(field: string, message: string): Cause {
  return { reason: 'FieldValueInvalid', field, message }
}
