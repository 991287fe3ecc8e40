import {
  apiVersionOf,
  hasReason,
  type KindDefinition,
  type KubeObject,
  keyOf,
  type Log,
  type ObjectRef,
  type OwnerReference,
} from '@pulse/api'
import { type Clock, systemClock } from './clock.ts'
import type { RunningControllers } from './controller.ts'
import type { Objects } from './objects.ts'
import { createOwnerGraph, type OwnedNode, type OwnerGraph } from './owner-graph.ts'
import { foregroundFinalizer, orphanFinalizer } from './store/deletion.ts'
import { followKind } from './watch-source.ts'
import { createWorkQueue } from './work-queue.ts'

export interface GarbageCollectorOptions {
  readonly objects: Objects
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
 * another uid is not the owner.
 */
export async function runGarbageCollector(
  options: GarbageCollectorOptions,
): Promise<RunningControllers> {
  const { objects, kinds, clock = systemClock, random = Math.random } = options
  const halt = new AbortController()
  const signal = AbortSignal.any([options.signal, halt.signal])
  const log = options.log.child({ controller: 'garbage-collector' })
  const graph = createOwnerGraph()
  const definitions = new Map(kinds.map((kind) => [`${apiVersionOf(kind)}/${kind.kind}`, kind]))
  const collector: Collector = { objects, graph, definitions, lookAt: (uid) => queue.add(uid) }
  const queue = createWorkQueue({
    process: async (uid) => {
      await collect(collector, uid)
      return undefined
    },
    onFailure: (uid, error, failures) => {
      if (hasReason(error, 'Conflict', 'NotFound')) return
      const object = graph.node(uid)
      log.warn({ err: error, object: object && keyOf(object.ref), failures }, 'cannot collect yet')
    },
    ...{ concurrency: 4, backOff, clock, random },
  })
  let isComplete = false
  const sources = kinds.map((kind) =>
    followKind(
      { apiVersion: apiVersionOf(kind), kind: kind.kind },
      {
        ...{ objects, log, clock, random, signal },
        onChange(object, gone) {
          const { apiVersion, kind, metadata } = object
          const { name, namespace } = metadata
          const ref = { apiVersion, kind, name, ...(namespace !== undefined && { namespace }) }
          const doubtful = gone ? graph.remove(ref) : graph.put(object)
          // Before every kind is known, most owners only seem to be missing.
          if (isComplete) for (const uid of doubtful) queue.add(uid)
        },
        onGap: () => undefined,
      },
    ),
  )
  await Promise.all(sources.map(({ synced }) => synced))
  isComplete = true
  for (const uid of graph.doubtful()) queue.add(uid)
  if (!signal.aborted) queue.start()

  async function stop() {
    halt.abort()
    await queue.stop()
    await Promise.all(sources.map(({ ended }) => ended))
  }
  options.signal.addEventListener('abort', () => void stop(), { once: true })
  return { stop }
}

interface Collector {
  readonly objects: Objects
  readonly graph: OwnerGraph
  readonly definitions: ReadonlyMap<string, KindDefinition>
  readonly lookAt: (uid: string) => void
}

async function collect(collector: Collector, uid: string): Promise<void> {
  const { objects, graph } = collector
  const node = graph.node(uid)
  if (node === undefined) return
  if (node.ending === 'orphan') return releaseDependents(collector, node)
  if (node.ending === 'foreground') return deleteDependents(collector, node)
  if (node.owners.length === 0) return
  const object = await objects.get(node.ref)
  if (object?.metadata.uid !== uid || object.metadata.deletionTimestamp !== undefined) return
  await collectDependent(collector, object)
}

/** The owner stays until the last dependent that blocks it is gone. */
async function deleteDependents(collector: Collector, node: OwnedNode): Promise<void> {
  const blocking = collector.graph
    .dependentsOf(node.uid)
    .filter(({ owners }) =>
      owners.some((owner) => owner.uid === node.uid && owner.blockOwnerDeletion === true),
    )
  for (const { uid } of blocking) collector.lookAt(uid)
  if (blocking.length === 0) await letGo(collector.objects, node, foregroundFinalizer)
}

async function releaseDependents({ objects, graph }: Collector, node: OwnedNode): Promise<void> {
  for (const { ref, uid } of graph.dependentsOf(node.uid)) {
    const object = await objects.get(ref)
    if (object?.metadata.uid === uid) {
      await disown(objects, object, (owner) => owner.uid === node.uid)
    }
  }
  await letGo(objects, node, orphanFinalizer)
}

type OwnerState = 'present' | 'waiting' | 'absent'

async function collectDependent(collector: Collector, object: KubeObject): Promise<void> {
  const { objects, graph } = collector
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
  const hasDependents = graph.dependentsOf(uid).length > 0
  const { apiVersion, kind, metadata } = object
  const ref = { apiVersion, kind, name: metadata.name, ...(namespace && { namespace }) }
  await objects.delete(ref, {
    // The version too: somebody may have adopted it since it was read.
    preconditions: { uid, resourceVersion },
    ...(isWaitedFor && hasDependents && { propagationPolicy: 'Foreground' }),
  })
}

/** When in doubt, the owner is present: nothing is deleted because of something that we cannot read. */
async function stateOf(
  { objects, graph, definitions }: Collector,
  owner: OwnerReference,
  namespace: string | undefined,
): Promise<OwnerState> {
  const definition = definitions.get(`${owner.apiVersion}/${owner.kind}`)
  if (definition === undefined) return 'present'
  if (definition.namespaced && namespace === undefined) return 'present'
  const { apiVersion, kind, name, uid } = owner
  const place = definition.namespaced && namespace !== undefined ? { namespace } : {}
  const ref: ObjectRef = { apiVersion, kind, name, ...place }
  const known = graph.node(uid)
  if (known !== undefined && keyOf(known.ref) === keyOf(ref)) {
    return known.ending === 'foreground' ? 'waiting' : 'present'
  }
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

async function letGo(objects: Objects, node: OwnedNode, finalizer: string): Promise<void> {
  const object = await objects.get(node.ref)
  if (object?.metadata.uid !== node.uid) return
  const { finalizers = [] } = object.metadata
  if (!finalizers.includes(finalizer)) return
  const metadata = {
    ...object.metadata,
    finalizers: finalizers.filter((name) => name !== finalizer),
  }
  await objects.update({ ...object, metadata }, writer)
}
