import { isDeleting } from '../ownership.ts'
import type { Pod, ReplicaSet } from './kinds.ts'
import { availableAt, finishedAt, isActive, isFinished, isReady } from './pod-state.ts'

export interface ReplicaSetPlan {
  /** So many pods are to be made. */
  readonly create: number
  readonly remove: readonly Pod[]
  readonly status: NonNullable<ReplicaSet['status']>
  readonly nextPass?: Date
}

export interface ReplicaSetObserved {
  readonly replicaSet: ReplicaSet
  /** All pods it holds, whatever their state. */
  readonly pods: readonly Pod[]
  readonly now: Date
}

/** A pod of a ReplicaSet ends only when something is wrong with it: its follower waits, so that nothing spins. */
const pauseAfterFailureMilliseconds = 5_000

/** How many pods are too few or too many. A pod on its way out is replaced at once, as in Kubernetes. */
export function planReplicaSet({ replicaSet, pods, now }: ReplicaSetObserved): ReplicaSetPlan {
  const { replicas = 1, minReadySeconds = 0 } = replicaSet.spec
  const active = pods.filter(isActive)
  const lacking = isDeleting(replicaSet) ? 0 : replicas - active.length

  const failures = pods.filter((pod) => isFinished(pod) && !isDeleting(pod)).toSorted(byEnd)
  const lastEnd = failures.at(-1)
  const mayCreateAt = lastEnd && new Date(endOf(lastEnd) + pauseAfterFailureMilliseconds)
  const mustWait = lacking > 0 && mayCreateAt !== undefined && mayCreateAt > now

  const availableTimes = active.map((pod) => availableAt(pod, minReadySeconds))
  const soon = availableTimes.filter((time) => time !== undefined && time > now)
  const nextPass = [...soon, ...(mustWait ? [mayCreateAt] : [])]
    .filter((time) => time !== undefined)
    .toSorted((a, b) => a.getTime() - b.getTime())
    .at(0)

  const { generation } = replicaSet.metadata
  return {
    create: mustWait ? 0 : Math.max(0, lacking),
    // The newest failure stays for who wants to read its log.
    remove: [...failures.slice(0, -1), ...(lacking < 0 ? surplus(active, replicas) : [])],
    status: {
      replicas: active.length,
      fullyLabeledReplicas: active.length,
      readyReplicas: active.filter(isReady).length,
      availableReplicas: availableTimes.filter((time) => time !== undefined && time <= now).length,
      ...(generation !== undefined && { observedGeneration: generation }),
    },
    ...(nextPass && { nextPass }),
  }
}

/** Who serves least goes first: not running, then not ready, then who came last. */
function surplus(active: readonly Pod[], replicas: number): readonly Pod[] {
  const rank = (pod: Pod) => (isReady(pod) ? 2 : pod.status?.phase === 'Running' ? 1 : 0)
  const born = ({ metadata }: Pod) => metadata.creationTimestamp ?? ''
  return active
    .toSorted((a, b) => rank(a) - rank(b) || (born(a) < born(b) ? 1 : -1))
    .slice(0, active.length - replicas)
}

function byEnd(one: Pod, other: Pod): number {
  return endOf(one) - endOf(other)
}

function endOf(pod: Pod): number {
  return finishedAt(pod)?.getTime() ?? Date.parse(pod.metadata.creationTimestamp ?? '') ?? 0
}
