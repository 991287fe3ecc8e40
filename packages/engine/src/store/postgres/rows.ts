import { isRecord, type KubeObject, keyOf, type Log, type ObjectRef, StatusError } from '@pulse/api'
import type { Change } from '../backend.ts'
import type { Row } from './connection.ts'

/** 64-bit integers come as text; versions stay below 2^53 for the next thousand years. */
export function numberFrom(value: unknown): number {
  return Number(value)
}

/**
 * Rows become objects here. Only this store writes them; one that holds no object, or another one, was changed by
 * somebody else or by a failing disk. It is told once by its name, never taken for what it is not, and never written over.
 */
export interface Rows {
  /** Throws a refusal that names it. */
  object(value: unknown, ref: ObjectRef): KubeObject
  /** Of many: those that can be read; with `isWhole` all, or the refusal. */
  objects(found: readonly Found[], options: { readonly isWhole: boolean }): KubeObject[]
  /** Undefined: there was a change, and nobody knows which. */
  change(row: Row): Change | undefined
  /** What could not be read when it was last looked at; a bounded number. */
  unreadable(): readonly string[]
}

export interface Found {
  readonly value: unknown
  readonly ref: ObjectRef
}

const mostKept = 100

export function createRows(log: Log): Rows {
  const unreadable = new Map<string, string>()

  function object(value: unknown, ref: ObjectRef): KubeObject {
    const read = image(value, ref)
    unreadable.delete(keyOf(ref))
    return read
  }

  /** As it is or once was: that it was whole does not tell that it is. */
  function image(value: unknown, ref: ObjectRef): KubeObject {
    const flaw = flawOf(value, ref)
    const key = keyOf(ref)
    if (flaw === undefined && isObject(value)) return value
    const words = wordsOf(ref, flaw ?? 'is no object')
    if (unreadable.get(key) !== words) {
      log.error({ row: key, reason: flaw }, 'a row of the store cannot be read')
      if (unreadable.size < mostKept || unreadable.has(key)) unreadable.set(key, words)
    }
    throw new StatusError('InternalError', words)
  }

  function orNothing(read: () => KubeObject): readonly KubeObject[] {
    try {
      return [read()]
    } catch {
      return []
    }
  }

  return {
    object,
    objects: (found, { isWhole }) =>
      isWhole
        ? found.map(({ value, ref }) => object(value, ref))
        : found.flatMap(({ value, ref }) => orNothing(() => object(value, ref))),
    change(row) {
      const ref = refFrom(row)
      const { version, namespace = '', ...place } = { version: numberFrom(row.version), ...ref }
      const [now, before] = [row.object, row.previous].map((value) =>
        value === null ? undefined : orNothing(() => image(value, ref))[0],
      )
      if ((row.object !== null && !now) || (row.previous !== null && !before)) return undefined
      return {
        ...{ version, namespace, ...place },
        ...(now && { object: now }),
        ...(before && { previous: before }),
      }
    },
    unreadable: () => [...unreadable.values()],
  }
}

/** What the columns of its key say. */
export function refFrom({ kind, api_version, namespace, name }: Row): ObjectRef {
  const place = namespace === '' ? {} : { namespace: String(namespace) }
  return { kind: String(kind), apiVersion: String(api_version), name: String(name), ...place }
}

/** The columns that `Rows.change` reads. */
export const changeColumns =
  'change.version, change.kind, change.api_version, change.namespace, change.name, change.object, change.previous'

function wordsOf({ kind, namespace, name }: ObjectRef, flaw: string): string {
  const place = namespace === undefined ? name : `${namespace}/${name}`
  return `the row of ${kind} ${place} in the store ${flaw}: see docs/runbooks/damaged-rows.md`
}

function isObject(value: unknown): value is KubeObject {
  return isRecord(value) && typeof value.kind === 'string' && isRecord(value.metadata)
}

/** What every reader relies on; what stands in spec and status is looked at by those who know the kind. */
function flawOf(value: unknown, ref: ObjectRef): string | undefined {
  if (!isObject(value)) return 'holds no object'
  const { metadata } = value
  const { namespace = '' } = metadata
  const isItself =
    value.kind === ref.kind &&
    value.apiVersion === ref.apiVersion &&
    metadata.name === ref.name &&
    namespace === (ref.namespace ?? '')
  if (!isItself) return 'holds another object'
  const field = shapes.find(([name, holds]) => !holds(Reflect.get(metadata, name)))?.[0]
  return field && `has an impossible metadata.${field}`
}

const isText = (value: unknown) => typeof value === 'string'
const isTexts = (value: unknown) => isRecord(value) && Object.values(value).every(isText)
const isList = (of: (item: unknown) => boolean) => (value: unknown) =>
  Array.isArray(value) && value.every(of)
const orAbsent = (holds: (value: unknown) => boolean) => (value: unknown) =>
  value === undefined || holds(value)

const shapes: readonly (readonly [string, (value: unknown) => boolean])[] = Object.entries({
  uid: isText,
  resourceVersion: isText,
  deletionTimestamp: orAbsent(isText),
  labels: orAbsent(isTexts),
  annotations: orAbsent(isTexts),
  finalizers: orAbsent(isList(isText)),
  ownerReferences: orAbsent(
    isList((owner) => isRecord(owner) && isText(owner.uid) && isText(owner.name)),
  ),
})
