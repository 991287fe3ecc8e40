/** The shape every resource shares, as in Kubernetes (API conventions, "Objects"). */
export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ObjectMeta
  readonly [field: string]: unknown
}

export interface ObjectMeta {
  readonly name: string
  readonly namespace?: string
  readonly generateName?: string
  readonly uid?: string
  /** Opaque to clients; ours is a decimal counter, one step per write to the store. */
  readonly resourceVersion?: string
  /** Grows by one with every change of the spec, never with one of the status. */
  readonly generation?: number
  /** RFC 3339, whole seconds, UTC. */
  readonly creationTimestamp?: string
  readonly deletionTimestamp?: string
  readonly deletionGracePeriodSeconds?: number
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly finalizers?: readonly string[]
  readonly ownerReferences?: readonly OwnerReference[]
  readonly managedFields?: readonly ManagedFieldsEntry[]
}

export interface OwnerReference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly controller?: boolean
  readonly blockOwnerDeletion?: boolean
}

export interface ManagedFieldsEntry {
  readonly manager: string
  readonly operation: 'Apply' | 'Update'
  readonly apiVersion: string
  readonly time?: string
  readonly fieldsType: 'FieldsV1'
  readonly fieldsV1: Readonly<Record<string, unknown>>
  readonly subresource?: string
}

export type ConditionStatus = 'True' | 'False' | 'Unknown'

/** A condition as clients read it; `message` is one stable line without timestamps, so that it never flaps. */
export interface Condition {
  readonly type: string
  readonly status: ConditionStatus
  /** CamelCase. */
  readonly reason: string
  readonly message?: string
  readonly lastTransitionTime?: string
  readonly observedGeneration?: number
}

/** Names one object. `namespace` is absent for cluster-scoped kinds. */
export interface ObjectRef {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace?: string
  readonly name: string
}

/** The reference that names this object. */
export function refOf(object: KubeObject): ObjectRef {
  const { apiVersion, kind, metadata } = object
  const { namespace, name } = metadata
  return namespace === undefined
    ? { apiVersion, kind, name }
    : { apiVersion, kind, namespace, name }
}

/** A stable text for maps and logs: `apps/v1/Deployment/instance-acme/odoo-acme`. */
export function keyOf({ apiVersion, kind, namespace, name }: ObjectRef): string {
  return `${apiVersion}/${kind}/${namespace ?? ''}/${name}`
}

/** What `keyOf` has made a text of. */
export function refOfKey(key: string): ObjectRef {
  const parts = key.split('/')
  const [kind = '', namespace = '', name = ''] = parts.slice(-3)
  const apiVersion = parts.slice(0, -3).join('/')
  return { apiVersion, kind, name, ...(namespace !== '' && { namespace }) }
}
