import { type Condition, isRecord, type KubeObject } from '@pulse/api'

/** Kubernetes writes times in whole seconds. */
export function toSeconds(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`
}

export interface ConditionsMoment {
  readonly now: Date
  /** Of the object that the new conditions speak of. */
  readonly generation: number | undefined
}

/**
 * The new conditions in place of the old ones. `lastTransitionTime` moves only when the status does, so that two
 * passes over the same facts write the same bytes.
 */
export function mergeConditions(
  current: readonly Condition[],
  next: readonly Condition[],
  { now, generation }: ConditionsMoment,
): readonly Condition[] {
  const latest = new Map(next.map((condition) => [condition.type, condition]))
  return [...latest.values()].map((condition) => {
    const old = current.find(({ type }) => type === condition.type)
    const unmoved = old?.status === condition.status ? old.lastTransitionTime : undefined
    return {
      ...condition,
      lastTransitionTime: unmoved ?? toSeconds(now),
      ...(generation !== undefined && { observedGeneration: generation }),
    }
  })
}

/** One condition in place of its namesake, all others as they are. */
export function withCondition(
  current: readonly Condition[],
  condition: Condition,
  moment: ConditionsMoment,
): readonly Condition[] {
  const [merged] = mergeConditions(current, [condition], moment)
  if (!merged) return current
  const index = current.findIndex(({ type }) => type === condition.type)
  return index === -1 ? [...current, merged] : current.with(index, merged)
}

export function statusOf(object: KubeObject): Readonly<Record<string, unknown>> {
  return isRecord(object.status) ? object.status : {}
}

export function conditionsOf(object: KubeObject): readonly Condition[] {
  const { conditions } = statusOf(object)
  return Array.isArray(conditions) ? conditions.filter(isCondition) : []
}

/** Whether the condition of this type is there with status True. */
export function isTrue(object: KubeObject, type: string): boolean {
  return conditionsOf(object).some(
    (condition) => condition.type === type && condition.status === 'True',
  )
}

function isCondition(value: unknown): value is Condition {
  return isRecord(value) && typeof value.type === 'string' && typeof value.status === 'string'
}
