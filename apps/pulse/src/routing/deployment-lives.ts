import { chosenPods, hasReason, type KubeObject, type ObjectRef, recordOf } from '@pulse/api'
import type { Objects } from '@pulse/engine'
import { isSameRecord, type LifeChange, type LifeRecord } from '@pulse/gateway'
import { lifePatch } from './life-record.ts'
import { standingOf, type WorkerStanding } from './worker-deployments.ts'

/** The records of life in the store itself: on Deployments, written together with their number of replicas. */
export interface DeploymentLives {
  /** Compare-and-set; resolves with what stands there now. `known` is what was last heard of it. */
  write(ref: ObjectRef, known: WorkerStanding, change: LimitedChange): Promise<WorkerStanding>
  /** Whether a process of it is left as well: asked of the store and not of a watch. */
  look(ref: ObjectRef): Promise<(WorkerStanding & { readonly isGone: boolean }) | undefined>
}

/** After the signal nothing is written any more: nobody waits for it. */
export interface LimitedChange extends LifeChange {
  readonly signal: AbortSignal
}

/** In the store's own process, with what that has heard of (see `Store`). */
export type GatewayObjects = Objects & { readonly cached?: Objects }

export interface DeploymentLivesOptions {
  readonly objects: GatewayObjects
  /** What the store answers is newer than what its watch has told so far. */
  readonly onRead: (deployment: KubeObject) => void
}

const conflictsMax = 5

export function createDeploymentLives({
  objects,
  onRead,
}: DeploymentLivesOptions): DeploymentLives {
  /** Undefined when it has changed since it was read. */
  async function compareAndSet(
    { ref, writer }: { readonly ref: ObjectRef; readonly writer: Objects },
    next: LifeRecord,
    resourceVersion: string,
  ) {
    try {
      const patch = lifePatch(next, resourceVersion)
      const fieldManager = 'pulse-gateway'
      return learn(await writer.patch(ref, { type: 'merge', patch }, { fieldManager }))
    } catch (error) {
      if (hasReason(error, 'Conflict')) return undefined
      throw error
    }
  }

  function learn(deployment: KubeObject): WorkerStanding {
    onRead(deployment)
    return standingOf(deployment)
  }

  return {
    async write(ref, known, { expected, next, signal }) {
      let standing = known
      for (let attempt = 0; attempt < conflictsMax; attempt += 1) {
        signal.throwIfAborted()
        // Its status changes often; only a change of the record itself is another's word.
        const isMeant = isSameRecord(standing.record, expected)
        if (!isMeant && attempt > 0) return standing
        // What this process has heard of saves a read; behind what is known here, it finds a conflict that is none.
        const writer = attempt === 0 ? (objects.cached ?? objects) : objects
        const written = isMeant
          ? await compareAndSet({ ref, writer }, next, standing.resourceVersion)
          : undefined
        if (written !== undefined) return written
        const deployment = await objects.get(ref)
        if (deployment === undefined) throw new Error(`there is no Deployment ${nameOf(ref)}`)
        standing = learn(deployment)
      }
      throw new Error(`Deployment ${nameOf(ref)} is written by too many at once`)
    },
    async look(ref) {
      const deployment = await objects.get(ref)
      if (deployment === undefined) return undefined
      // One that is being deleted still counts.
      const { items } = await objects.list(chosenPods(deployment))
      return { ...learn(deployment), isGone: items.every(isFinished) }
    },
  }
}

function nameOf({ namespace, name }: ObjectRef): string {
  return `${namespace}/${name}`
}

function isFinished({ status }: KubeObject): boolean {
  const { phase } = recordOf(status)
  return phase === 'Succeeded' || phase === 'Failed'
}
