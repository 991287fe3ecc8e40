import {
  type Cause,
  isRecord,
  type KindDefinition,
  type KubeObject,
  type ObjectMeta,
} from '@pulse/api'
import { applyConfiguration } from './apply.ts'
import { fieldsOf, listTypesOf } from './field-set.ts'
import { isApplied } from './is-applied.ts'
import { type JsonRecord, sameJson, without, withoutNulls } from './json.ts'
import {
  type FieldManager,
  type FieldOwner,
  forgetAbsent,
  readOwners,
  trackedPart,
  trackUpdate,
  withFields,
  writeOwners,
} from './managed-fields.ts'
import { metadataCauses } from './metadata-rules.ts'
import { badRequest, conflict, staleVersion } from './refusals.ts'

/** What a write comes to. Pure: both stores carry it out, and a race with another write decides again. */
export type Decision =
  | { readonly kind: 'unchanged'; readonly object: KubeObject }
  | {
      readonly kind: 'store'
      readonly object: KubeObject
      /** The object's own mistakes; rules that need other objects are added in the transaction. */
      readonly causes: readonly Cause[]
      /** Whether more than metadata and status changed: only then the rules about other objects are asked. */
      readonly contentChanged: boolean
    }
  | { readonly kind: 'remove'; readonly object: KubeObject }

export interface WriteContext {
  readonly definition: KindDefinition
  readonly manager: FieldManager
  /** RFC 3339, whole seconds. */
  readonly time: string
}

export function decideCreate(
  incoming: KubeObject,
  context: WriteContext & { readonly uid: string },
): Decision {
  const { definition, manager, time, uid } = context
  if (incoming.metadata.resourceVersion !== undefined) {
    throw badRequest('resourceVersion should not be set on objects to be created')
  }
  const content = contentOf(incoming, definition)
  const bare: KubeObject = {
    apiVersion: incoming.apiVersion,
    kind: incoming.kind,
    metadata: {
      ...identityOf(incoming.metadata),
      ...givenMetadata(incoming.metadata),
      uid,
      creationTimestamp: time,
      ...((definition.hasStatus || 'spec' in content) && { generation: 1 }),
    },
    ...content,
  }
  const object = definition.setDefaults(bare)
  // Who applies owns what was applied; who creates owns the defaults as well.
  const owned = trackedPart(manager.operation === 'Apply' ? bare : object, definition, undefined)
  const fields = fieldsOf(owned, listTypesOf(definition))
  return {
    kind: 'store',
    object: withOwners(object, withFields([], manager, { fields, time })),
    causes: [
      ...metadataCauses(object, undefined, definition),
      ...definition.validate(object, undefined, time),
    ],
    contentChanged: true,
  }
}

/** Replaces all that a client may write through this (sub)resource; the rest stays as it is. */
export function decideUpdate(
  old: KubeObject,
  incoming: KubeObject,
  context: WriteContext,
): Decision {
  const { definition, manager, time } = context
  checkPreconditions(definition, old, incoming.metadata)
  const next = carriedOver(old, incoming, context)
  const base = manager.subresource === undefined ? incoming.metadata.managedFields : undefined
  const owners = trackUpdate(
    readOwners(base === undefined ? old.metadata.managedFields : base),
    manager,
    {
      old: trackedPart(old, definition, manager.subresource),
      next: trackedPart(next, definition, manager.subresource),
      whole: next,
      lists: listTypesOf(definition),
      time,
    },
  )
  return conclude(old, withOwners(next, owners), context)
}

export interface ApplyContext extends WriteContext {
  readonly force: boolean
}

export function decideApply(
  old: KubeObject,
  incoming: KubeObject,
  context: ApplyContext,
): Decision {
  const { definition, manager } = context
  checkPreconditions(definition, old, incoming.metadata)
  const wanted = withoutNulls(trackedPart(incoming, definition, manager.subresource))
  if (
    isApplied(old, wanted, { manager, lists: listTypesOf(definition) }) &&
    hasDefaults(old, context)
  ) {
    return { kind: 'unchanged', object: old }
  }
  return decideMerge(old, wanted, context)
}

/** Whether it has all that this version fills in by default. */
function hasDefaults(old: KubeObject, { definition, manager }: WriteContext): boolean {
  return manager.subresource === 'status' || sameJson(definition.setDefaults(old), old)
}

/** Server-side apply of `wanted`, without nulls, by all its rules. */
export function decideMerge(old: KubeObject, wanted: JsonRecord, context: ApplyContext): Decision {
  const applied = applyConfiguration(old, wanted, {
    ...context,
    lists: listTypesOf(context.definition),
    owners: readOwners(old.metadata.managedFields),
  })
  const next = carriedOver(old, applied.object, context)
  return conclude(old, withOwners(next, forgetAbsent(applied.owners, next)), context)
}

export function checkPreconditions(
  definition: KindDefinition,
  old: KubeObject,
  given: { readonly uid?: string; readonly resourceVersion?: string },
): void {
  const { name, uid, resourceVersion } = old.metadata
  if (given.uid !== undefined && given.uid !== uid) {
    throw conflict(
      definition,
      name,
      `the UID in the precondition (${given.uid}) is not the object's`,
    )
  }
  if (given.resourceVersion !== undefined && given.resourceVersion !== resourceVersion) {
    throw conflict(definition, name, staleVersion)
  }
}

/** A report of status leaves the rest alone, even what a newer version would fill in by default. */
function carriedOver(old: KubeObject, incoming: KubeObject, context: WriteContext): KubeObject {
  const { definition, manager } = context
  if (manager.subresource === 'status') return withStatus(old, incoming.status)
  const { labels, annotations, finalizers, ownerReferences, managedFields, ...kept } = old.metadata
  const next: KubeObject = {
    apiVersion: old.apiVersion,
    kind: old.kind,
    metadata: { ...kept, ...givenMetadata(incoming.metadata) },
    ...contentOf(incoming, definition),
  }
  return definition.setDefaults(definition.hasStatus ? withStatus(next, old.status) : next)
}

function withStatus(object: KubeObject, status: unknown): KubeObject {
  const { status: _, ...rest } = object
  const { apiVersion, kind, metadata } = object
  return { ...rest, apiVersion, kind, metadata, ...(status !== undefined && { status }) }
}

/** What clients write into metadata; the empty ones are absent, so that `{}` and nothing are one state. */
function givenMetadata(metadata: ObjectMeta): Partial<ObjectMeta> {
  const { labels, annotations, finalizers, ownerReferences } = metadata
  return Object.fromEntries(
    Object.entries({ labels, annotations, finalizers, ownerReferences }).filter(
      ([, value]) => !isEmpty(value),
    ),
  )
}

function identityOf({ name, namespace, generateName }: ObjectMeta) {
  return {
    name,
    ...(namespace !== undefined && namespace !== '' && { namespace }),
    ...(generateName !== undefined && { generateName }),
  }
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true
  if (Array.isArray(value)) return value.length === 0
  return isRecord(value) && Object.keys(value).length === 0
}

/** Everything but the type, the metadata and, where it is a subresource, the status. */
function contentOf(object: KubeObject, { hasStatus }: KindDefinition) {
  return without(object, 'apiVersion', 'kind', 'metadata', ...(hasStatus ? ['status'] : []))
}

function withOwners(object: KubeObject, owners: readonly FieldOwner[]): KubeObject {
  const managedFields = writeOwners(owners)
  const { managedFields: _, ...metadata } = object.metadata
  return {
    ...object,
    metadata: managedFields.length === 0 ? metadata : { ...metadata, managedFields },
  }
}

/** Compares with what is stored: nothing to write, a new generation, or the end of a deletion. */
function conclude(old: KubeObject, next: KubeObject, context: WriteContext): Decision {
  const { definition, manager, time } = context
  if (sameJson(next, old)) return { kind: 'unchanged', object: old }
  const contentChanged = !sameJson(contentOf(old, definition), contentOf(next, definition))
  const { generation, deletionTimestamp, finalizers = [] } = next.metadata
  const object: KubeObject =
    contentChanged && generation !== undefined
      ? { ...next, metadata: { ...next.metadata, generation: generation + 1 } }
      : next
  if (deletionTimestamp !== undefined && finalizers.length === 0) return { kind: 'remove', object }
  return {
    kind: 'store',
    object,
    causes: [
      ...(manager.subresource === 'status' ? [] : metadataCauses(object, old, definition)),
      ...definition
        .validate(object, old, time)
        .filter(({ field }) => isWritten(field, { definition, manager, contentChanged })),
    ],
    contentChanged,
  }
}

/**
 * An object that was stored under older, milder rules must stay writable where it is right: a status can be reported
 * and a finalizer let go although the spec would no longer pass.
 */
function isWritten(
  field: string,
  write: Pick<WriteContext, 'definition' | 'manager'> & { readonly contentChanged: boolean },
): boolean {
  const isStatus = field === 'status' || /^status[.[]/.test(field)
  if (write.manager.subresource === 'status') return isStatus
  if (isStatus) return !write.definition.hasStatus
  return write.contentChanged || field.startsWith('metadata')
}
