import type { ComposeOutput, Condition, KubeObject } from '@pulse/api'
import { conditionsOf, mergeConditions, statusOf, withCondition } from './conditions.ts'
import type { Objects } from './objects.ts'
import { saveStatus } from './save-status.ts'

interface StatusPlace {
  readonly objects: Objects
  readonly now: Date
}

/** Everything was applied: `Synced`, `Ready` as the composition judges, and its own conditions. Tells if any is new. */
export async function saveSuccess(
  composite: KubeObject,
  desired: ComposeOutput,
  { objects, now }: StatusPlace,
): Promise<boolean> {
  const { generation } = composite.metadata
  const conditions = [synced, readyOf(desired), ...desired.conditions]
  const status = {
    ...desired.status,
    ...(generation !== undefined && { observedGeneration: generation }),
    conditions: mergeConditions(conditionsOf(composite), conditions, { now, generation }),
  }
  return saveStatus(composite, status, { objects, fieldManager: 'pulse' })
}

/** One condition changes; all else stays as it was last known. */
export async function saveCondition(
  composite: KubeObject,
  condition: Condition,
  { objects, now }: StatusPlace,
): Promise<void> {
  const { generation } = composite.metadata
  const status = {
    ...statusOf(composite),
    conditions: withCondition(conditionsOf(composite), condition, { now, generation }),
  }
  await saveStatus(composite, status, { objects, fieldManager: 'pulse' })
}

const synced: Condition = { type: 'Synced', status: 'True', reason: 'ReconcileSuccess' }

function readyOf({ ready }: ComposeOutput): Condition {
  if (ready.ready) return { type: 'Ready', status: 'True', reason: 'Available' }
  const { reason = 'Creating', message } = ready
  return { type: 'Ready', status: 'False', reason, message }
}
