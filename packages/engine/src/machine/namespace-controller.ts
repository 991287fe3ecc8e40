import { type KubeObject, type ObjectRef, refOf } from '@pulse/api'
import type { Controller } from '../controller.ts'
import { hastenPods } from '../hasten-pods.ts'
import { isDeleting } from '../ownership.ts'
import { saveStatus } from '../save-status.ts'
import type { KindRef } from '../watch-source.ts'
import { kinds, machineManager } from './kinds.ts'
import type { MachineOptions } from './machine-options.ts'
import { planUid, type UidRange, uidAnnotation } from './namespace-uid.ts'
import { createUidTable } from './uid-table.ts'
import { deleteSeen } from './write-objects.ts'

export interface NamespaceOptions extends MachineOptions {
  /** Every namespaced kind of the API: what a namespace takes along when it goes. */
  readonly namespacedKinds: readonly KindRef[]
  /** Given as root: each namespace gets a uid of its own. */
  readonly uids?: UidRange
}

const namespaceFinalizer = 'kubernetes'
/** What is on its way out without a pod or claim to hear of is looked at so often. */
const lookAgainMilliseconds = 1_000
const mostSeen = 500
/** Whoever deletes a namespace does not wait for the last long request in it. */
const podGraceSeconds = 60

/** A namespace is Active, with a uid of its own; when it is deleted it goes after all that is in it. */
export function namespaceController(options: NamespaceOptions): Controller {
  const { objects, clock, uids } = options
  const table = createUidTable(objects)
  const stages = stagesOf(options.namespacedKinds)

  async function reconcile(object: KubeObject): Promise<Date | undefined> {
    if (isDeleting(object)) return terminate(object)
    const { finalizers = [] } = object.metadata
    const uid = uids && String(await planOwnUid(object, uids))
    const isMarked = !uid || object.metadata.annotations?.[uidAnnotation] === uid
    if (!finalizers.includes(namespaceFinalizer) || !isMarked) {
      await patchMetadata(object, {
        finalizers: [...new Set([...finalizers, namespaceFinalizer])],
        ...(uid && { annotations: { [uidAnnotation]: uid } }),
      })
    }
    await saveStatus(object, { phase: 'Active' }, { objects, fieldManager: machineManager })
    return undefined
  }

  /** Stage by stage: what makes pods, the pods, then all they stood on. */
  async function terminate(namespace: KubeObject): Promise<Date | undefined> {
    const { name, finalizers = [] } = namespace.metadata
    await saveStatus(namespace, { phase: 'Terminating' }, { objects, fieldManager: machineManager })
    for (const stage of stages) {
      let left = 0
      for (const kind of stage) {
        const page = await objects.list({ ...kind, namespace: name, limit: mostSeen })
        const fresh = page.items.filter((item) => !isDeleting(item))
        if (kind.kind === 'Pod') await hastenPods(page.items, podGraceSeconds, objects)
        await deleteSeen(fresh, objects)
        left += page.items.length
      }
      if (left > 0) return new Date(clock.now().getTime() + lookAgainMilliseconds)
    }
    if (finalizers.includes(namespaceFinalizer)) {
      await patchMetadata(namespace, {
        finalizers: finalizers.filter((finalizer) => finalizer !== namespaceFinalizer),
      })
    }
    return undefined
  }

  async function planOwnUid(object: KubeObject, range: UidRange): Promise<number> {
    await table.fill()
    const rivals = await table.rivalsOf(object)
    const uid = planUid(object, { rivals, isTaken: table.isTaken, range })
    table.take(object.metadata.name, uid)
    return uid
  }

  /** Only onto the namespace as it was seen: two writers of one list of finalizers lose one. */
  async function patchMetadata(object: KubeObject, metadata: Readonly<Record<string, unknown>>) {
    const { resourceVersion } = object.metadata
    const patch = { metadata: { ...metadata, resourceVersion } }
    await objects.patch(refOf(object), { type: 'merge', patch }, { fieldManager: machineManager })
  }

  return {
    name: 'namespace',
    primary: kinds.namespace,
    // One at a time: two namespaces must not find the same uid free.
    concurrency: 1,
    watches: options.namespacedKinds.map((kind) => ({
      ...kind,
      concerns: (item, gone): readonly ObjectRef[] =>
        gone && item.metadata.namespace !== undefined
          ? [{ ...kinds.namespace, name: item.metadata.namespace }]
          : [],
    })),
    reconcile,
    forget: ({ name }) => table.leave(name),
  }
}

const makers = new Set(['HTTPRoute', 'CronJob', 'Deployment', 'ReplicaSet', 'Job', 'StatefulSet'])

function stagesOf(all: readonly KindRef[]): readonly (readonly KindRef[])[] {
  return [
    all.filter(({ kind }) => makers.has(kind)),
    all.filter(({ kind }) => kind === 'Pod'),
    all.filter(({ kind }) => kind !== 'Pod' && !makers.has(kind)),
  ]
}
