import { hasReason, type KubeObject, type ObjectRef, recordOf, refOf } from '@pulse/api'
import type { Objects } from '../../objects.ts'
import { textOf } from './fields.ts'

/** Keeps a deleted Pod in sight until its processes, folders and address are gone. */
export const podFinalizer = 'planapulse.com/pod-runner'
const fieldManager = 'pulse-pod-runner'

/** Makes the Pod ours before anything of it runs: our node, our finalizer. Undefined when it is gone or another's. */
export async function bindPod(
  objects: Objects,
  object: KubeObject,
  nodeName: string,
): Promise<KubeObject | undefined> {
  for (
    let current: KubeObject | undefined = object;
    current;
    current = await reread(objects, object)
  ) {
    const node = textOf(recordOf(current.spec).nodeName)
    if (node !== undefined && node !== nodeName) return undefined
    const finalizers = current.metadata.finalizers ?? []
    if (node === nodeName && finalizers.includes(podFinalizer)) return current
    if (current.metadata.deletionTimestamp !== undefined) return current
    const { resourceVersion } = current.metadata
    const patch = {
      metadata: { resourceVersion, finalizers: [...new Set([...finalizers, podFinalizer])] },
      spec: { nodeName },
    }
    try {
      return await objects.patch(refOf(current), { type: 'merge', patch }, { fieldManager })
    } catch (error) {
      if (hasReason(error, 'NotFound')) return undefined
      if (!hasReason(error, 'Conflict')) throw error
    }
  }
  return undefined
}

/** Lets a deleted Pod go. */
export async function releasePod(objects: Objects, object: KubeObject): Promise<void> {
  for (;;) {
    const current = await reread(objects, object)
    if (!current?.metadata.finalizers?.includes(podFinalizer)) return
    const { resourceVersion } = current.metadata
    const finalizers = current.metadata.finalizers.filter((name) => name !== podFinalizer)
    const patch = { metadata: { resourceVersion, finalizers } }
    try {
      await objects.patch(refOf(current), { type: 'merge', patch }, { fieldManager })
      return
    } catch (error) {
      if (hasReason(error, 'NotFound')) return
      if (!hasReason(error, 'Conflict')) throw error
    }
  }
}

/** Writes the status, over whatever was there. False when the Pod is gone. */
export async function writePodStatus(
  objects: Objects,
  object: KubeObject,
  status: Readonly<Record<string, unknown>>,
): Promise<boolean> {
  const { resourceVersion: _, ...metadata } = object.metadata
  try {
    await objects.update({ ...object, metadata, status }, { fieldManager, subresource: 'status' })
    return true
  } catch (error) {
    if (hasReason(error, 'NotFound', 'Conflict')) return false
    throw error
  }
}

/** The same Pod as it stands now, not a later one of its name. */
async function reread(objects: Objects, object: KubeObject): Promise<KubeObject | undefined> {
  const ref: ObjectRef = refOf(object)
  const current = await objects.get(ref)
  return current?.metadata.uid === object.metadata.uid ? current : undefined
}
