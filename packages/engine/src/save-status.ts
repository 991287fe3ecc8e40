import type { KubeObject } from '@pulse/api'
import { statusOf } from './conditions.ts'
import type { Echoes } from './echoes.ts'
import { besideStatus, isSame } from './fingerprint.ts'
import type { Objects } from './objects.ts'

export interface StatusWriter {
  readonly objects: Objects
  readonly fieldManager: string
  /** Told of what is written, unless something else of the object has changed since it was read. */
  readonly echoes?: Echoes
}

/** Writes the whole status of one writer, and only when it differs: a steady state costs nothing. Tells if it did. */
export async function saveStatus(
  object: KubeObject,
  status: Readonly<Record<string, unknown>>,
  { objects, fieldManager, echoes }: StatusWriter,
): Promise<boolean> {
  if (isSame(inOrder(statusOf(object)), inOrder(status))) return false
  const { apiVersion, kind } = object
  const { name, namespace } = object.metadata
  const metadata = namespace === undefined ? { name } : { name, namespace }
  const options = { fieldManager, subresource: 'status', force: true } as const
  const stored = await objects.apply({ apiVersion, kind, metadata, status }, options)
  if (echoes && isSame(besideStatus(object), besideStatus(stored))) echoes.note(stored)
  return true
}

/** Conditions are a set by type: their order says nothing. */
function inOrder(status: Readonly<Record<string, unknown>>) {
  const { conditions } = status
  if (!Array.isArray(conditions)) return status
  return { ...status, conditions: conditions.toSorted((a, b) => (a.type < b.type ? -1 : 1)) }
}
