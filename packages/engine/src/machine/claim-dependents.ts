import { hasReason, type KubeObject, refOf } from '@pulse/api'
import type { Objects } from '../objects.ts'
import { controllerOf, isDeleting } from '../ownership.ts'
import { type LabelSelector, machineManager } from './kinds.ts'
import { selects } from './label-selector.ts'

export interface Claim<Kind extends KubeObject> {
  /** Controlled by the owner and meeting its selector. */
  readonly held: readonly Kind[]
  /** Meeting the selector, controlled by nobody. */
  readonly orphans: readonly Kind[]
  /** Controlled by the owner, but no longer meeting its selector. */
  readonly strays: readonly Kind[]
}

/** Who belongs to an owner by Kubernetes' rule: selector and controller reference, never one alone. */
export function planClaim<Kind extends KubeObject>(
  owner: KubeObject,
  selector: LabelSelector,
  candidates: readonly Kind[],
): Claim<Kind> {
  const isMine = (item: Kind) => controllerOf(item)?.uid === owner.metadata.uid
  const isMeant = (item: Kind) => selects(selector, item.metadata.labels)
  return {
    held: candidates.filter((item) => isMine(item) && isMeant(item)),
    orphans: candidates.filter(
      (item) => !controllerOf(item) && isMeant(item) && !isDeleting(item) && !isDeleting(owner),
    ),
    strays: candidates.filter((item) => isMine(item) && !isMeant(item) && !isDeleting(item)),
  }
}

/** Takes the orphans in and lets the strays go. Each write brings the next pass. */
export async function carryOutClaim(
  owner: KubeObject,
  { orphans, strays }: Claim<KubeObject>,
  objects: Objects,
): Promise<void> {
  const { apiVersion, kind, metadata } = owner
  const { name, uid = '' } = metadata
  const mine = { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true }
  for (const orphan of orphans) {
    const references = [...(orphan.metadata.ownerReferences ?? []), mine]
    await saveReferences(orphan, references, objects)
  }
  for (const stray of strays) {
    const references = stray.metadata.ownerReferences?.filter((one) => one.uid !== uid) ?? []
    await saveReferences(stray, references, objects)
  }
}

/** Only onto the object as it was seen: someone else may just have taken or removed it. */
async function saveReferences(
  object: KubeObject,
  ownerReferences: readonly unknown[],
  objects: Objects,
) {
  const { resourceVersion } = object.metadata
  const patch = { metadata: { resourceVersion, ownerReferences } }
  try {
    await objects.patch(refOf(object), { type: 'merge', patch }, { fieldManager: machineManager })
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error
  }
}
