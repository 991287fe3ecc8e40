import { isRecord, type KubeObject } from '@pulse/api'
import type { Change } from '../backend.ts'
import type { Row } from './connection.ts'

/** 64-bit integers come as text; versions stay below 2^53 for the next thousand years. */
export function numberFrom(value: unknown): number {
  return Number(value)
}

/** Only this store writes the column, and only objects. */
export function objectFrom(value: unknown): KubeObject {
  if (!isObject(value)) throw new Error('a row of the store holds no object')
  return value
}

function isObject(value: unknown): value is KubeObject {
  return isRecord(value) && typeof value.kind === 'string' && isRecord(value.metadata)
}

/** The columns that `changeFrom` reads. */
export const changeColumns =
  'change.version, change.kind, change.api_version, change.namespace, change.name, change.object, change.previous'

export function changeFrom(row: Row): Change {
  const { object, previous } = row
  return {
    version: numberFrom(row.version),
    kind: String(row.kind),
    apiVersion: String(row.api_version),
    namespace: String(row.namespace),
    name: String(row.name),
    ...(object !== null && { object: objectFrom(object) }),
    ...(previous !== null && { previous: objectFrom(previous) }),
  }
}
