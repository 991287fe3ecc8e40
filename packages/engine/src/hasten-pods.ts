import { hasReason, type KubeObject, recordOf, refOf } from '@pulse/api'
import type { Objects } from './objects.ts'

/** From now on each of these pods has no more than this time to end; one that needs less keeps its own. */
export async function hastenPods(
  pods: readonly KubeObject[],
  graceSeconds: number,
  objects: Objects,
): Promise<void> {
  for (const pod of pods) {
    if (graceOf(pod) <= graceSeconds) continue
    const { uid = '' } = pod.metadata
    try {
      await objects.delete(refOf(pod), { gracePeriodSeconds: graceSeconds, preconditions: { uid } })
    } catch (error) {
      if (!hasReason(error, 'NotFound', 'Conflict')) throw error
    }
  }
}

/** A deletion that names no grace carries 0, and leaves it to the pod. */
function graceOf({ metadata, spec }: KubeObject): number {
  return metadata.deletionGracePeriodSeconds || Number(recordOf(spec).terminationGracePeriodSeconds)
}
