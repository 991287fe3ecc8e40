import { isRecord, type KindDefinition, type KubeObject, type ManagedFieldsEntry } from '@pulse/api'
import {
  changedFields,
  type FieldPath,
  type FieldSet,
  filterSet,
  type ListTypes,
  readerOf,
  sameSet,
  union,
} from './field-set.ts'
import { fromFieldsV1, toFieldsV1 } from './fields-v1.ts'
import { type JsonRecord, without } from './json.ts'

/** Who wrote: one entry of `managedFields` per manager, operation and subresource. */
export interface FieldManager {
  readonly manager: string
  readonly operation: 'Apply' | 'Update'
  readonly apiVersion: string
  readonly subresource?: string
}

export interface FieldOwner extends FieldManager {
  readonly time?: string
  readonly fields: FieldSet
}

export function isManager(owner: FieldManager, manager: FieldManager): boolean {
  return (
    owner.manager === manager.manager &&
    owner.operation === manager.operation &&
    owner.subresource === manager.subresource
  )
}

/** Tolerant: entries come from clients, which may rewrite them (kubectl does, when it moves to server-side apply). */
export function readOwners(entries: readonly ManagedFieldsEntry[] | undefined): FieldOwner[] {
  if (!Array.isArray(entries)) return []
  return entries.flatMap((entry: unknown): FieldOwner[] => {
    if (!isRecord(entry) || typeof entry.manager !== 'string') return []
    const { operation, apiVersion, subresource, time } = entry
    if (operation !== 'Apply' && operation !== 'Update') return []
    return [
      {
        manager: entry.manager,
        operation,
        apiVersion: typeof apiVersion === 'string' ? apiVersion : '',
        ...(typeof subresource === 'string' && subresource !== '' && { subresource }),
        ...(typeof time === 'string' && { time }),
        fields: fromFieldsV1(entry.fieldsV1),
      },
    ]
  })
}

export function writeOwners(owners: readonly FieldOwner[]): readonly ManagedFieldsEntry[] {
  return owners
    .filter(({ fields }) => fields.size > 0)
    .map(({ fields, manager, operation, apiVersion, time, subresource }) => ({
      manager,
      operation,
      apiVersion,
      ...(time !== undefined && { time }),
      fieldsType: 'FieldsV1',
      fieldsV1: toFieldsV1(fields),
      ...(subresource !== undefined && { subresource }),
    }))
}

/** The owners with this set for one of them; its time moves only when its set does, so that a repeat writes nothing. */
export function withFields(
  owners: readonly FieldOwner[],
  manager: FieldManager,
  { fields, time }: { readonly fields: FieldSet; readonly time: string },
): readonly FieldOwner[] {
  const known = owners.find((owner) => isManager(owner, manager))
  if (known === undefined) return [...owners, { ...manager, time, fields }]
  if (sameSet(known.fields, fields) && known.apiVersion === manager.apiVersion) return owners
  return owners.map((owner) => (owner === known ? { ...manager, time, fields } : owner))
}

/** The owners after a plain write: what it changed or added is the writer's alone, what is gone is nobody's. */
export function trackUpdate(
  owners: readonly FieldOwner[],
  manager: FieldManager,
  write: {
    readonly old: JsonRecord
    readonly next: JsonRecord
    readonly whole: KubeObject
    readonly lists: ListTypes
    readonly time: string
  },
): readonly FieldOwner[] {
  const { old, next, whole, lists, time } = write
  const has = presenceIn(whole)
  const changed = changedFields(old, next, lists)
  const own = owners.find((owner) => isManager(owner, manager))
  const remaining = owners.map((owner) =>
    isManager(owner, manager)
      ? owner
      : reduced(
          owner,
          filterSet(owner.fields, (path, text) => !changed.has(text) && has(path)),
        ),
  )
  const kept = filterSet(own?.fields ?? new Map(), has)
  return withFields(remaining, manager, { fields: union(kept, changed), time })
}

/** The owners without the fields that are not to be kept. */
export function filterOwners(
  owners: readonly FieldOwner[],
  keep: (owner: FieldOwner, text: string) => boolean,
): readonly FieldOwner[] {
  return owners.map((owner) =>
    reduced(
      owner,
      filterSet(owner.fields, (_, text) => keep(owner, text)),
    ),
  )
}

/** Owners keep their entry, and its time, unless a field of theirs is gone. */
export function forgetAbsent(owners: readonly FieldOwner[], whole: KubeObject): FieldOwner[] {
  const has = presenceIn(whole)
  return owners.map((owner) => reduced(owner, filterSet(owner.fields, has)))
}

function reduced(owner: FieldOwner, fields: FieldSet): FieldOwner {
  return fields.size === owner.fields.size ? owner : { ...owner, fields }
}

function presenceIn(whole: KubeObject): (path: FieldPath) => boolean {
  const read = readerOf(whole)
  return (path) => read(path) !== undefined
}

const trackedMetadata = ['labels', 'annotations', 'finalizers', 'ownerReferences']

/** The part of an object whose fields can be owned through this (sub)resource. */
export function trackedPart(
  object: KubeObject,
  { hasStatus }: Pick<KindDefinition, 'hasStatus'>,
  subresource: string | undefined,
): JsonRecord {
  if (subresource === 'status') return object.status === undefined ? {} : { status: object.status }
  const given: JsonRecord = { ...object.metadata }
  const metadata = Object.fromEntries(
    trackedMetadata.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]])),
  )
  const body = without(object, 'apiVersion', 'kind', 'metadata', ...(hasStatus ? ['status'] : []))
  return Object.keys(metadata).length === 0 ? body : { metadata, ...body }
}
