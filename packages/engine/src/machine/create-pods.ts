import { hasReason, type KubeObject, refOf } from '@pulse/api'
import { fingerprint } from '../fingerprint.ts'
import type { Objects } from '../objects.ts'
import { controllerOf } from '../ownership.ts'
import { machineManager, type PodTemplate } from './kinds.ts'

const longestName = 63
const suffixLength = 10

export interface PodSlots {
  readonly owner: KubeObject
  readonly template: PodTemplate
  readonly labels?: Readonly<Record<string, string>>
  /** All pods of the owner that were seen, whatever their state. */
  readonly seen: readonly KubeObject[]
  readonly count: number
}

/**
 * Creates the pods that the owner still lacks. Their names follow from the pods that were seen: two passes over the
 * same observation name the same pods, and the second create is refused instead of making one too many.
 */
export async function createPods(slots: PodSlots, objects: Objects): Promise<void> {
  for (let slot = 0; slot < slots.count; slot += 1) {
    let salt = 0
    while (!(await createPod(makePod(slots, slot, salt), objects))) salt += 1
  }
}

/** Whether the slot is filled; false when the name is somebody else's, such as a pod that was let go. */
async function createPod(pod: KubeObject, objects: Objects): Promise<boolean> {
  try {
    await objects.create(pod, { fieldManager: machineManager })
    return true
  } catch (error) {
    if (!hasReason(error, 'AlreadyExists')) throw error
    const taken = await objects.get(refOf(pod))
    return taken === undefined || controllerOf(taken)?.uid === controllerOf(pod)?.uid
  }
}

export function makePod(
  { owner, template, labels, seen }: PodSlots,
  slot: number,
  salt: number,
): KubeObject {
  const known = seen.map(({ metadata }) => metadata.uid ?? metadata.name).sort()
  const { name, namespace, uid = '' } = owner.metadata
  const { apiVersion, kind } = owner
  const stem = name.slice(0, longestName - suffixLength - 1)
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${stem}-${fingerprint({ uid, known, slot, salt }).slice(0, suffixLength)}`,
      ...(namespace !== undefined && { namespace }),
      labels: { ...template.metadata?.labels, ...labels },
      ...(template.metadata?.annotations && { annotations: template.metadata.annotations }),
      ownerReferences: [
        { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true },
      ],
    },
    spec: template.spec,
  }
}
