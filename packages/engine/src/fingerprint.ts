import { createHash } from 'node:crypto'
import { isRecord, type KubeObject } from '@pulse/api'

/** The same text for the same value, whatever the order of its keys; what is undefined is absent. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    isRecord(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  )
}

/** 20 hexadecimal digits that stand for a value. */
export function fingerprint(value: unknown): string {
  return createHash('sha256')
    .update(canonicalJson(value) ?? '')
    .digest('hex')
    .slice(0, 20)
}

export function isSame(one: unknown, other: unknown): boolean {
  return canonicalJson(one) === canonicalJson(other)
}

/** An object without what others write, and without the counters of the store. */
export function besideStatus({ status: _, metadata, ...object }: KubeObject): unknown {
  const { resourceVersion: _version, managedFields: _fields, ...kept } = metadata
  return { ...object, metadata: kept }
}
