import type { KubeObject, ObjectRef, OwnerReference } from '@pulse/api'
import type { Relations } from './objects.ts'
import type { KindRef } from './watch-source.ts'

/** Crossplane's own annotation: which of the composite's objects this is. */
export const resourceNameAnnotation = 'crossplane.io/composition-resource-name'
const compositeLabel = 'crossplane.io/composite'
const longestLabelValue = 63

/** How a composed object says whose it is. */
export interface Ownership {
  mark(object: KubeObject, composite: KubeObject, name: string): KubeObject
  /** Name of the composite that the object points to, whether or not that still exists. */
  compositeOf(object: KubeObject): string | undefined
  /** Whether the object was composed for this very composite, not for an earlier one of its name. */
  isOf(object: KubeObject, composite: KubeObject): boolean
  /** All objects that may be of this composite, of whatever kind. */
  find(composite: KubeObject, objects: Relations): Promise<readonly KubeObject[]>
}

/**
 * A composite that stands in the store owns by controller reference, so that the collector follows it. Composites are
 * cluster-scoped: the reference names them wholly, from every namespace.
 */
export function ownedByReference({ apiVersion, kind }: KindRef): Ownership {
  return {
    mark(object, composite, name) {
      const { name: owner, uid = '' } = composite.metadata
      const reference = { apiVersion, kind, name: owner, uid, controller: true }
      const isLabel = owner.length <= longestLabelValue
      const labels: Record<string, string> = isLabel ? { [compositeLabel]: owner } : {}
      return withMarks(object, name, {
        labels,
        ownerReferences: [{ ...reference, blockOwnerDeletion: true }],
      })
    },
    compositeOf(object) {
      const owner = controllerOf(object)
      return owner?.apiVersion === apiVersion && owner.kind === kind ? owner.name : undefined
    },
    isOf: (object, composite) => controllerOf(object)?.uid === composite.metadata.uid,
    find: ({ metadata }, objects) => objects.dependentsOf(metadata.uid ?? ''),
  }
}

/** What is composed for something outside the store, such as the pool of a runtime, is known by a label. */
export function ownedByLabel(label: string): Ownership {
  function compositeOf(object: KubeObject) {
    const { annotations, labels } = object.metadata
    return controllerOf(object) || !annotations?.[resourceNameAnnotation]
      ? undefined
      : labels?.[label]
  }
  return {
    mark: (object, composite, name) =>
      withMarks(object, name, {
        labels: { [label]: composite.metadata.name },
        ownerReferences: [],
      }),
    compositeOf,
    isOf: (object, composite) => compositeOf(object) === composite.metadata.name,
    find: ({ metadata }, objects) => objects.labelled(label, metadata.name),
  }
}

/** The reference of the one owner that acts on this object. */
export function controllerOf({ metadata }: KubeObject) {
  return metadata.ownerReferences?.find(({ controller }) => controller)
}

export function isDeleting({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined
}

/** `Deployment instance-acme/odoo-acme`, for people. */
export function titleOf(ref: ObjectRef): string {
  return `${ref.kind} ${ref.namespace === undefined ? '' : `${ref.namespace}/`}${ref.name}`
}

interface Marks {
  readonly labels: Readonly<Record<string, string>>
  readonly ownerReferences: readonly OwnerReference[]
}

function withMarks(
  object: KubeObject,
  name: string,
  { labels, ownerReferences }: Marks,
): KubeObject {
  const { metadata } = object
  return {
    ...object,
    metadata: {
      ...metadata,
      labels: { ...metadata.labels, ...labels },
      annotations: { ...metadata.annotations, [resourceNameAnnotation]: name },
      ...(ownerReferences.length > 0 && { ownerReferences }),
    },
  }
}
