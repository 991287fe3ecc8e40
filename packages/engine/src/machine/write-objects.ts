import { hasReason, type KubeObject, refOf } from '@pulse/api'
import type { Objects } from '../objects.ts'
import { machineManager } from './kinds.ts'

/** Creates each object; one that another pass has just created under the same name is that very object. */
export async function createOnce(wanted: readonly KubeObject[], objects: Objects): Promise<void> {
  for (const object of wanted) {
    try {
      await objects.create(object, { fieldManager: machineManager })
    } catch (error) {
      if (!hasReason(error, 'AlreadyExists')) throw error
    }
  }
}

/** Deletes each object as it was seen, never a successor of its name; in the foreground after all that it owns. */
export async function deleteSeen(
  seen: readonly KubeObject[],
  objects: Objects,
  propagationPolicy?: 'Foreground',
): Promise<void> {
  for (const object of seen) {
    const { uid = '' } = object.metadata
    const policy = propagationPolicy === undefined ? {} : { propagationPolicy }
    try {
      await objects.delete(refOf(object), { preconditions: { uid }, ...policy })
    } catch (error) {
      if (!hasReason(error, 'NotFound', 'Conflict')) throw error
    }
  }
}
