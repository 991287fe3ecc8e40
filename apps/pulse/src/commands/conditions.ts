import { type KubeObject, recordOf } from '@pulse/api'
import { lostReason } from '@pulse/compositions'

export interface ShownCondition {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly message?: string
  readonly observedGeneration?: number
}

/** Every condition of an object, however old. */
export function conditionsOf(object: KubeObject | undefined): readonly ShownCondition[] {
  const conditions = recordOf(object?.status).conditions
  return Array.isArray(conditions) ? conditions : []
}

/** A condition by its type, in any case, when it speaks of the newest spec: an older one says nothing of this one. */
export function findCondition(
  object: KubeObject | undefined,
  type: string,
): ShownCondition | undefined {
  return conditionsOf(object).find(
    (condition) =>
      condition.type.toLowerCase() === type.toLowerCase() && isOfNewest(object, condition),
  )
}

/** Why it will never be ready, whatever is waited for; undefined when it may be. */
export function whyLost(object: KubeObject | undefined): string | undefined {
  const { status, reason, message } = findCondition(object, 'Ready') ?? {}
  return status === 'False' && reason === lostReason ? (message ?? reason) : undefined
}

/** As kubectl judges it: the condition's own generation, else that of the status, where the object tells any. */
function isOfNewest(object: KubeObject | undefined, condition: ShownCondition): boolean {
  const observed = condition.observedGeneration ?? recordOf(object?.status).observedGeneration
  const { generation } = object?.metadata ?? {}
  return typeof observed !== 'number' || generation === undefined || observed >= generation
}
