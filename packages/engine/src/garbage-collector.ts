import {
  apiVersionOf,
  hasReason,
  type KindDefinition,
  type KubeObject,
  keyOf,
  type Log,
  type ObjectRef,
  type OwnerReference,
  refOf,
  refOfKey,
} from '@pulse/api'
import { type Clock, systemClock } from './clock.ts'
import type { RunningControllers } from './controller.ts'
import { type Change, followChanges } from './follow-changes.ts'
import type { Objects, Relations, Store } from './objects.ts'
import { foregroundFinalizer, orphanFinalizer } from './store/deletion.ts'
import { sameJson } from './store/json.ts'
import { createWorkQueue } from './work-queue.ts'

export interface GarbageCollectorOptions {
  readonly objects: Objects & Relations & Partial<Pick<Store, 'cached'>>
  /** Every kind that can own or be owned; an owner of any other kind is taken to exist. */
  readonly kinds: readonly KindDefinition[]
  readonly log: Log
  readonly signal: AbortSignal
  readonly clock?: Clock
  /** In [0, 1). */
  readonly random?: () => number
}

const backOff = { firstMilliseconds: 20, longestMilliseconds: 30_000 }
const writer = { fieldManager: 'garbage-collector' }

/**
 * Deletes what has lost its last owner, and completes foreground and orphan deletion, as Kubernetes' collector does.
 * Before it deletes anything, it asks the store itself whether the owner is really gone: an owner of the same name and
 * another uid is not the owner. Who owns what is the store's to tell: of objects in order nothing is remembered.
 */
export async function runGarbageCollector(
  options: GarbageCollectorOptions,
): Promise<RunningControllers> {
  const { objects, kinds, clock = systemClock, random = Math.random } = options
  const halt = new AbortController()
  const signal = AbortSignal.any([options.signal, halt.signal])
  const log = options.log.child({ controller: 'garbage-collector' })
  const definitions = new Map(kinds.map((kind) => [`${apiVersionOf(kind)}/${kind.kind}`, kind]))
  const lookAt = (object: KubeObject) => queue.add(keyOf(refOf(object)))
  const collector: Collector = { objects, definitions, lookAt }
  const queue = createWorkQueue({
    process: async (key) => {
      await (key.startsWith(leftBy) ? lookAtDependents(key.slice(leftBy.length)) : look(key))
      return undefined
    },
    onFailure: (key, error, failures) => {
      if (hasReason(error, 'Conflict', 'NotFound')) return
      log.warn({ err: error, object: key, failures }, 'cannot collect yet')
    },
    ...{ concurrency: 4, backOff, clock, random },
  })

  async function look(key: string) {
    if (key === everything) {
      for (const doubtful of await objects.doubtful()) lookAt(doubtful)
      return
    }
    const { cached = objects } = objects
    const heard = await cached.get(refOfKey(key))
    if (heard && (await isInOrder({ ...collector, objects: cached }, heard))) return
    const object = await objects.get(refOfKey(key))
    if (object) await collect(collector, object)
  }

  async function lookAtDependents(uid: string) {
    for (const dependent of await objects.dependentsOf(uid)) lookAt(dependent)
  }

  function onChange({ object, gone, previous }: Change) {
    const { uid = '', deletionTimestamp } = object.metadata
    const owners = ownersOf(object)
    const before = previous ? ownersOf(previous) : []
    const isSame = !gone && sameJson(before, owners)
    // Dependents lose an owner; an owner that waits in the foreground may have lost its last dependent.
    if (gone) queue.add(`${leftBy}${uid}`)
    if (!isSame) for (const owner of gone ? owners : before) lookAtOwner(owner, object)
    if (!gone && (!isSame || deletionTimestamp !== undefined)) lookAt(object)
  }

  function lookAtOwner({ apiVersion, kind, name }: OwnerReference, { metadata }: KubeObject) {
    const definition = definitions.get(`${apiVersion}/${kind}`)
    if (definition === undefined) return
    const { namespace } = metadata
    const place = definition.namespaced && namespace !== undefined ? { namespace } : {}
    queue.add(keyOf({ apiVersion, kind, name, ...place }))
  }

  const sources = kinds.map((kind) =>
    followChanges(
      { apiVersion: apiVersionOf(kind), kind: kind.kind },
      {
        ...{ objects, log, clock, random, signal, onChange },
        onGap: () => queue.add(everything),
      },
    ),
  )
  await Promise.all(sources.map(({ synced }) => synced))
  queue.add(everything)
  if (!signal.aborted) queue.start()

  async function stop() {
    halt.abort()
    await queue.stop()
    await Promise.all(sources.map(({ ended }) => ended))
  }
  options.signal.addEventListener('abort', () => void stop(), { once: true })
  return { stop }
}

/** Keys of the queue that are no object's: whoever has lost this owner; and all that are in doubt. */
const leftBy = 'left-by:'
const everything = 'everything'

interface Collector {
  readonly objects: Objects & Relations
  readonly definitions: ReadonlyMap<string, KindDefinition>
  readonly lookAt: (object: KubeObject) => void
}

/** As most are: nothing is to be done, as far as has been heard. */
async function isInOrder(collector: Collector, { metadata }: KubeObject): Promise<boolean> {
  const { ownerReferences = [], deletionTimestamp, namespace } = metadata
  if (deletionTimestamp !== undefined) return false
  for (const owner of ownerReferences) {
    if ((await stateOf(collector, owner, namespace)) !== 'present') return false
  }
  return true
}

async function collect(collector: Collector, object: KubeObject): Promise<void> {
  const { deletionTimestamp, finalizers = [] } = object.metadata
  if (deletionTimestamp === undefined) return collectDependent(collector, object)
  if (finalizers.includes(foregroundFinalizer)) return deleteDependents(collector, object)
  if (finalizers.includes(orphanFinalizer)) return releaseDependents(collector, object)
}

/** The owner stays until the last dependent that blocks it is gone. */
async function deleteDependents(
  { objects, lookAt }: Collector,
  { metadata, ...owner }: KubeObject,
): Promise<void> {
  const { uid = '' } = metadata
  const blocking = (await objects.dependentsOf(uid)).filter((dependent) =>
    ownersOf(dependent).some(
      (reference) => reference.uid === uid && reference.blockOwnerDeletion === true,
    ),
  )
  for (const dependent of blocking) lookAt(dependent)
  if (blocking.length === 0) await letGo(objects, { metadata, ...owner }, foregroundFinalizer)
}

async function releaseDependents({ objects }: Collector, owner: KubeObject): Promise<void> {
  const { uid = '' } = owner.metadata
  for (const dependent of await objects.dependentsOf(uid)) {
    await disown(objects, dependent, (reference) => reference.uid === uid)
  }
  await letGo(objects, owner, orphanFinalizer)
}

type OwnerState = 'present' | 'waiting' | 'absent'

async function collectDependent(collector: Collector, object: KubeObject): Promise<void> {
  const { objects } = collector
  const { uid = '', resourceVersion = '', namespace, ownerReferences = [] } = object.metadata
  const states = new Map<OwnerReference, OwnerState>()
  for (const owner of ownerReferences) {
    states.set(owner, await stateOf(collector, owner, namespace))
  }
  const isLeaving = (owner: OwnerReference) => states.get(owner) !== 'present'
  if (ownerReferences.length === 0) return
  if (!ownerReferences.every(isLeaving)) {
    if (ownerReferences.some(isLeaving)) await disown(objects, object, isLeaving)
    return
  }
  const isWaitedFor = [...states.values()].includes('waiting')
  const hasDependents = isWaitedFor && (await objects.dependentsOf(uid)).length > 0
  const { apiVersion, kind, metadata } = object
  const ref = { apiVersion, kind, name: metadata.name, ...(namespace && { namespace }) }
  await objects.delete(ref, {
    // The version too: somebody may have adopted it since it was read.
    preconditions: { uid, resourceVersion },
    ...(hasDependents && { propagationPolicy: 'Foreground' }),
  })
}

/** When in doubt, the owner is present: nothing is deleted because of something that we cannot read. */
async function stateOf(
  { objects, definitions }: Collector,
  owner: OwnerReference,
  namespace: string | undefined,
): Promise<OwnerState> {
  const definition = definitions.get(`${owner.apiVersion}/${owner.kind}`)
  if (definition === undefined) return 'present'
  if (definition.namespaced && namespace === undefined) return 'present'
  const { apiVersion, kind, name, uid } = owner
  const place = definition.namespaced && namespace !== undefined ? { namespace } : {}
  const ref: ObjectRef = { apiVersion, kind, name, ...place }
  const found = await objects.get(ref)
  if (found === undefined || found.metadata.uid !== uid) return 'absent'
  const { deletionTimestamp, finalizers = [] } = found.metadata
  const isWaiting = deletionTimestamp !== undefined && finalizers.includes(foregroundFinalizer)
  return isWaiting ? 'waiting' : 'present'
}

async function disown(
  objects: Objects,
  object: KubeObject,
  isLeaving: (owner: OwnerReference) => boolean,
): Promise<void> {
  const { ownerReferences = [] } = object.metadata
  const staying = ownerReferences.filter((owner) => !isLeaving(owner))
  if (staying.length === ownerReferences.length) return
  const metadata = { ...object.metadata, ownerReferences: staying }
  await objects.update({ ...object, metadata }, writer)
}

async function letGo(objects: Objects, owner: KubeObject, finalizer: string): Promise<void> {
  const object = await objects.get(refOf(owner))
  if (object === undefined || object.metadata.uid !== owner.metadata.uid) return
  const { finalizers = [] } = object.metadata
  if (!finalizers.includes(finalizer)) return
  const metadata = {
    ...object.metadata,
    finalizers: finalizers.filter((name) => name !== finalizer),
  }
  await objects.update({ ...object, metadata }, writer)
}

function ownersOf({ metadata }: KubeObject): readonly OwnerReference[] {
  return metadata.ownerReferences ?? []
}
