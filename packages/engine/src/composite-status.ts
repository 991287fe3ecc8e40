import type { ComposeOutput, Condition, KubeObject } from '@pulse/api'
import { conditionsOf, mergeConditions, statusOf, withCondition } from './conditions.ts'
import { isSame } from './fingerprint.ts'
import type { Objects } from './objects.ts'

/** Everything was applied: `Synced`, `Ready` as the composition judges, and its own conditions. */
export async function saveSuccess(
  composite: KubeObject,
  desired: ComposeOutput,
  objects: Objects,
  now: Date,
): Promise<void> {
  const { generation } = composite.metadata
  const conditions = [synced, readyOf(desired), ...desired.conditions]
  await saveStatus(composite, objects, {
    ...desired.status,
    ...(generation !== undefined && { observedGeneration: generation }),
    conditions: mergeConditions(conditionsOf(composite), conditions, { now, generation }),
  })
}

/** The pass failed: only `Synced` says so, all else stays as it was last known. */
export async function saveFailure(
  composite: KubeObject,
  message: string,
  objects: Objects,
  now: Date,
): Promise<void> {
  const { generation } = composite.metadata
  const failed: Condition = { type: 'Synced', status: 'False', reason: 'ReconcileError', message }
  await saveStatus(composite, objects, {
    ...statusOf(composite),
    conditions: withCondition(conditionsOf(composite), failed, { now, generation }),
  })
}

/** Writes only what differs, so that a steady state costs nothing. */
export async function saveStatus(
  { apiVersion, kind, metadata: { name }, ...composite }: KubeObject,
  objects: Objects,
  status: Readonly<Record<string, unknown>>,
): Promise<void> {
  const now = { apiVersion, kind, metadata: { name } }
  if (isSame(inOrder(statusOf({ ...now, ...composite })), inOrder(status))) return
  const options = { fieldManager: 'pulse', subresource: 'status', force: true } as const
  await objects.apply({ ...now, status }, options)
}

const synced: Condition = { type: 'Synced', status: 'True', reason: 'ReconcileSuccess' }

function readyOf({ ready }: ComposeOutput): Condition {
  if (ready.ready) return { type: 'Ready', status: 'True', reason: 'Available' }
  return { type: 'Ready', status: 'False', reason: 'Creating', message: ready.message }
}

/** Conditions are a set by type: their order says nothing. */
function inOrder(status: Readonly<Record<string, unknown>>) {
  const { conditions } = status
  if (!Array.isArray(conditions)) return status
  return { ...status, conditions: conditions.toSorted((a, b) => (a.type < b.type ? -1 : 1)) }
}
