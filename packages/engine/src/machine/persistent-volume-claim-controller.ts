import { type KubeObject, type ObjectRef, refOf } from '@pulse/api'
import { statusOf } from '../conditions.ts'
import type { Controller } from '../controller.ts'
import { isDeleting } from '../ownership.ts'
import { saveStatus } from '../save-status.ts'
import { kinds, machineManager, type PersistentVolumeClaim, type Pod, typed } from './kinds.ts'
import type { MachineOptions } from './machine-options.ts'
import { uidAnnotation } from './namespace-uid.ts'
import { isFinished } from './pod-state.ts'
import type { Volumes } from './volume-folders.ts'

export interface ClaimOptions extends MachineOptions {
  readonly volumes: Volumes
  /** Whether folders belong to the uid of their namespace; only root can give them away. */
  readonly ownsByNamespace: boolean
}

/** Kubernetes' own: a claim stays as long as a pod uses it, and here its folder too. */
const claimFinalizer = 'kubernetes.io/pvc-protection'

/**
 * Gives each claim its folder, and takes the folder only when nothing else holds the claim: no pod, and no finalizer
 * but this controller's, such as `planapulse.com/protect`.
 */
export function persistentVolumeClaimController(options: ClaimOptions): Controller {
  const { objects, volumes, events, ownsByNamespace } = options

  async function reconcile(object: KubeObject): Promise<undefined> {
    const { name, namespace = '', finalizers = [] } = object.metadata
    const volume = { namespace, name }
    if (isDeleting(object)) {
      const isLast = finalizers.length === 1 && finalizers[0] === claimFinalizer
      if (!isLast || (await isInUse(volume))) return
      await volumes.remove(volume)
      await saveFinalizers(object, [])
      return
    }
    // The finalizer comes before the folder: a folder without one could be forgotten.
    if (!finalizers.includes(claimFinalizer)) {
      await saveFinalizers(object, [...finalizers, claimFinalizer])
      return
    }
    const uid = ownsByNamespace ? await uidOf(namespace) : undefined
    // The namespace's controller is about to say whose the folder is; that brings the next pass.
    if (ownsByNamespace && uid === undefined) return
    await makeFolder(object, volume, uid)
    await saveStatus(object, boundStatus(object), { objects, fieldManager: machineManager })
  }

  async function makeFolder(
    object: KubeObject,
    volume: { readonly namespace: string; readonly name: string },
    uid: number | undefined,
  ) {
    try {
      await volumes.create(volume, uid)
    } catch (error) {
      const message = 'the folder of the claim cannot be made'
      await events.record(object, { type: 'Warning', reason: 'ProvisioningFailed', message })
      throw error
    }
  }

  async function isInUse({ namespace, name }: { namespace: string; name: string }) {
    const page = await objects.list({ ...kinds.pod, namespace })
    return page.items
      .map(typed<Pod>)
      .some((pod) => !isFinished(pod) && claimsOf(pod).includes(name))
  }

  async function uidOf(namespace: string): Promise<number | undefined> {
    const found = await objects.get({ ...kinds.namespace, name: namespace })
    const uid = Number(found?.metadata.annotations?.[uidAnnotation] ?? Number.NaN)
    return Number.isInteger(uid) ? uid : undefined
  }

  async function saveFinalizers(object: KubeObject, finalizers: readonly string[]) {
    const { resourceVersion } = object.metadata
    const patch = { metadata: { resourceVersion, finalizers } }
    await objects.patch(refOf(object), { type: 'merge', patch }, { fieldManager: machineManager })
  }

  async function claimsIn({ metadata }: KubeObject): Promise<readonly ObjectRef[]> {
    const page = await objects.list({ ...kinds.claim, namespace: metadata.name })
    return page.items.filter((claim) => statusOf(claim).phase !== 'Bound').map(refOf)
  }

  return {
    name: 'persistent-volume-claim',
    primary: kinds.claim,
    watches: [
      { ...kinds.pod, concerns: claimsReleasedBy },
      ...(ownsByNamespace ? [{ ...kinds.namespace, concerns: claimsIn }] : []),
    ],
    reconcile,
  }
}

/** Only a pod that has ended can have let a claim go. */
function claimsReleasedBy(object: KubeObject, gone: boolean): readonly ObjectRef[] {
  const { namespace } = object.metadata
  if (namespace === undefined || object.spec === undefined) return []
  const pod = typed<Pod>(object)
  if (!gone && !isFinished(pod)) return []
  return claimsOf(pod).map((name) => ({ ...kinds.claim, namespace, name }))
}

function claimsOf({ spec }: Pod): readonly string[] {
  return (spec.volumes ?? []).flatMap((volume) => volume.persistentVolumeClaim?.claimName ?? [])
}

/** Capacity is what was asked for: one machine has one disk, and no folder of it a size. */
function boundStatus(object: KubeObject) {
  const { accessModes, resources } = typed<PersistentVolumeClaim>(object).spec
  const capacity = resources?.requests
  return {
    phase: 'Bound',
    ...(accessModes !== undefined && { accessModes }),
    ...(capacity !== undefined && { capacity }),
  }
}
