import type { ReplicaSet } from './kinds.ts'

/** A ReplicaSet and the number of pods it is to have. */
export interface Scaling {
  readonly replicaSet: ReplicaSet
  readonly replicas: number
}

export interface Rollout {
  /** The set of the present template, once it is made. */
  readonly current: ReplicaSet | undefined
  /** Sets of earlier templates, oldest first. */
  readonly old: readonly ReplicaSet[]
  readonly replicas: number
  readonly maxSurge: number
  readonly maxUnavailable: number
}

/** Pods that it may have, by its spec. */
export function replicasOf({ spec }: ReplicaSet): number {
  return spec.replicas ?? 1
}

/** Pods that it has at the least: a status that is older than the last scaling never counts those that must go. */
export function availableOf(replicaSet: ReplicaSet): number {
  return Math.min(replicaSet.status?.availableReplicas ?? 0, replicasOf(replicaSet))
}

/** How many pods the current set gets: never more pods in all than replicas and surge. */
export function scaleUp({ current, old, replicas, maxSurge }: Rollout): number {
  const has = current ? replicasOf(current) : 0
  if (has >= replicas) return replicas
  const total = sum(old.map(replicasOf)) + has
  const room = Math.max(0, replicas + maxSurge - total)
  return has + Math.min(room, replicas - has)
}

/**
 * How many pods old sets lose: those that do not serve first, then those that do, but never so many that fewer than
 * replicas less maxUnavailable are left serving.
 */
export function scaleDown({ current, old, replicas, maxUnavailable }: Rollout): readonly Scaling[] {
  const all = current ? [...old, current] : old
  const fewest = Math.max(0, replicas - maxUnavailable)
  const unavailableNew = current ? replicasOf(current) - availableOf(current) : 0
  let mayGo = sum(all.map(replicasOf)) - fewest - unavailableNew
  let maySleep = sum(all.map(availableOf)) - fewest

  const left = new Map(old.map((replicaSet) => [replicaSet, replicasOf(replicaSet)]))
  for (const [replicaSet, has] of left) {
    const gone = clamp(has - availableOf(replicaSet), mayGo)
    left.set(replicaSet, has - gone)
    mayGo -= gone
  }
  for (const [replicaSet, has] of left) {
    const gone = clamp(has, Math.min(mayGo, maySleep))
    left.set(replicaSet, has - gone)
    mayGo -= gone
    maySleep -= gone
  }
  return [...left]
    .map(([replicaSet, count]) => ({ replicaSet, replicas: count }))
    .filter((scaling) => scaling.replicas !== replicasOf(scaling.replicaSet))
}

/** `25%` of the replicas or a plain number. Surge is rounded up, unavailability down, and both are never nought. */
export function fenceposts(
  replicas: number,
  {
    maxSurge = '25%',
    maxUnavailable = '25%',
  }: { maxSurge?: number | string; maxUnavailable?: number | string },
): { readonly maxSurge: number; readonly maxUnavailable: number } {
  const surge = Math.ceil(partOf(maxSurge, replicas))
  const unavailable = Math.min(replicas, Math.floor(partOf(maxUnavailable, replicas)))
  return { maxSurge: surge, maxUnavailable: surge === 0 && unavailable === 0 ? 1 : unavailable }
}

function partOf(value: number | string, whole: number): number {
  if (typeof value === 'number') return value
  return (Number.parseInt(value, 10) / 100) * whole
}

function clamp(wanted: number, most: number): number {
  return Math.max(0, Math.min(wanted, most))
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}
