import { hasReason, type Log, refOf } from '@pulse/api'
import {
  type Clock,
  controllerOf,
  type EventRecorder,
  type Objects,
  type PodMemory,
  pause,
} from '@pulse/engine'
import type { Metrics } from '@pulse/service'
import { kindOfWorkers, mayRecycle, restartPatch, type Worker } from './worker.ts'

export interface RecyclingDeps {
  /** What the pods use now. */
  readonly memory: () => Promise<readonly PodMemory[]>
  readonly limits: RecyclingLimits
  readonly objects: Pick<Objects, 'get' | 'patch'>
  readonly events: EventRecorder
  readonly metrics: Pick<Metrics, 'record'>
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

export interface RecyclingLimits {
  /** Of a pod's memory limit: what is beyond gives way; 100: nothing does. */
  readonly softPercent: number
  /** Not more often for the same workers. */
  readonly pauseMs: number
}

/** How often memory is looked at. */
export const lookEveryMs = 20_000

/**
 * Has workers that have grown beyond their soft limit replaced, as `kubectl rollout restart` does: the new one serves
 * before the old one is sealed, carries out what it has begun, and ends. Resolves after the signal.
 */
export async function recycleWorkers(deps: RecyclingDeps): Promise<void> {
  const { clock, log, signal } = deps
  while (!signal.aborted) {
    await pause(lookEveryMs, clock, signal)
    if (signal.aborted) return
    try {
      for (const use of await grownPods(deps)) await tryToReplace(use, deps)
    } catch (error) {
      log.warn({ err: error }, 'cannot tell which workers have grown')
    }
  }
}

async function grownPods({ memory, limits }: RecyclingDeps): Promise<readonly PodMemory[]> {
  if (limits.softPercent >= 100) return []
  return (await memory()).filter((use) => isBeyond(use, limits))
}

function isBeyond({ usedBytes, limitBytes }: PodMemory, { softPercent }: RecyclingLimits): boolean {
  return usedBytes * 100 > limitBytes * softPercent
}

/** What stands in the way of one is no reason to leave the others. */
async function tryToReplace(use: PodMemory, deps: RecyclingDeps): Promise<void> {
  const { log, signal } = deps
  try {
    await replace(use, deps)
  } catch (error) {
    // Somebody else has changed or deleted it, and the next look sees what is now; or the server stops.
    if (hasReason(error, 'Conflict', 'NotFound') || signal.aborted) return
    log.warn({ err: error, pod: use.name }, 'a worker that has grown is not replaced')
  }
}

async function replace(use: PodMemory, deps: RecyclingDeps): Promise<void> {
  const { limits, objects, events, metrics, clock, log } = deps
  const worker = await readWorker(use, objects)
  const now = clock.now()
  if (!worker || !mayRecycle(worker, { now, pauseMs: limits.pauseMs })) return
  const { deployment } = worker
  const patch = restartPatch(deployment, now)
  const fieldManager = 'pulse-recycler'
  await objects.patch(refOf(deployment), { type: 'merge', patch }, { fieldManager })
  const { count, labels } = kindOfWorkers(deployment)
  metrics.record('pulse_recycled_workers_total', count, labels)
  log.info({ ...use, deployment: deployment.metadata.name }, 'worker has grown: a new one comes')
  const message = `a worker used more than ${limits.softPercent}% of its memory limit: a new one takes its place`
  await events.record(deployment, { type: 'Normal', reason: 'Recycling', message })
}

/** The pod of this very process and its Deployment; undefined when it has none, or is gone. */
async function readWorker(
  { namespace, name, uid }: PodMemory,
  objects: RecyclingDeps['objects'],
): Promise<Worker | undefined> {
  const pod = await objects.get({ apiVersion: 'v1', kind: 'Pod', namespace, name })
  const set = pod && controllerOf(pod)
  if (pod?.metadata.uid !== uid || set?.kind !== 'ReplicaSet') return undefined
  const owner = { apiVersion: 'apps/v1', namespace }
  const replicaSet = await objects.get({ ...owner, kind: 'ReplicaSet', name: set.name })
  const parent = replicaSet && controllerOf(replicaSet)
  if (parent?.kind !== 'Deployment') return undefined
  const deployment = await objects.get({ ...owner, kind: 'Deployment', name: parent.name })
  return deployment && { pod, deployment }
}
