import { toSeconds } from '../conditions.ts'
import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from './kinds.ts'
import { availableOf, replicasOf } from './rolling-update.ts'

export interface StatusFacts {
  readonly deployment: Deployment
  readonly current: ReplicaSet | undefined
  readonly old: readonly ReplicaSet[]
  readonly limits: { readonly maxUnavailable: number }
  readonly recreates: boolean
  readonly now: Date
}

const defaultDeadlineSeconds = 600

/** What the Deployment says of itself; `kubectl rollout status` reads it. */
export function deploymentStatus(facts: StatusFacts): DeploymentStatus {
  const { deployment, current, old } = facts
  const all = current ? [...old, current] : old
  const count = (field: 'replicas' | 'readyReplicas', sets = all) =>
    sets.reduce((total, { status }) => total + (status?.[field] ?? 0), 0)
  const available = all.reduce((total, set) => total + availableOf(set), 0)
  const { generation } = deployment.metadata
  const counts = {
    ...(generation !== undefined && { observedGeneration: generation }),
    replicas: count('replicas'),
    updatedReplicas: count('replicas', current ? [current] : []),
    readyReplicas: count('readyReplicas'),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, all.reduce((n, set) => n + replicasOf(set), 0) - available),
  }
  return { ...counts, conditions: [availability(facts, counts), progress(facts, counts)] }
}

/** When a rollout that goes nowhere has to say so. */
export function progressDeadline(
  { spec }: Deployment,
  { conditions = [] }: DeploymentStatus,
): Date | undefined {
  const condition = conditions.find(({ type }) => type === 'Progressing')
  const isWaiting = condition?.status === 'True' && condition.reason !== 'NewReplicaSetAvailable'
  if (!isWaiting || spec.paused || condition.lastUpdateTime === undefined) return undefined
  const seconds = spec.progressDeadlineSeconds ?? defaultDeadlineSeconds
  return new Date(Date.parse(condition.lastUpdateTime) + seconds * 1000)
}

function availability(facts: StatusFacts, { availableReplicas = 0 }: DeploymentStatus) {
  const { deployment, limits, recreates } = facts
  const replicas = deployment.spec.replicas ?? 1
  const fewest = recreates ? replicas : replicas - limits.maxUnavailable
  const isAvailable = availableReplicas >= fewest
  return settle(facts, {
    type: 'Available',
    status: isAvailable ? 'True' : 'False',
    reason: isAvailable ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
    message: isAvailable
      ? 'Deployment has minimum availability.'
      : 'Deployment does not have minimum availability.',
  })
}

function progress(facts: StatusFacts, counts: DeploymentStatus): DeploymentCondition {
  const { deployment, current, now } = facts
  const replicas = deployment.spec.replicas ?? 1
  const before = conditionOf(deployment)
  if (deployment.spec.paused && before?.reason !== 'ProgressDeadlineExceeded') {
    return settle(facts, paused)
  }
  const name = current?.metadata.name
  const isComplete =
    current !== undefined &&
    counts.updatedReplicas === replicas &&
    counts.replicas === replicas &&
    counts.availableReplicas === replicas
  // What was once rolled out does not time out: a worker that fails later is unavailable, not a failed rollout.
  const wasComplete =
    before?.reason === 'NewReplicaSetAvailable' &&
    current !== undefined &&
    before.message?.includes(`"${name}"`)
  if (isComplete || wasComplete) {
    const message = `ReplicaSet "${name}" has successfully progressed.`
    return settle(facts, { ...progressing, reason: 'NewReplicaSetAvailable', message })
  }
  if (!current) {
    const message = 'Created new replica set'
    return settle(facts, { ...progressing, reason: 'NewReplicaSetCreated', message })
  }

  const message = `ReplicaSet "${name}" is progressing.`
  if (!before || before.message?.includes(`"${name}"`) === false || hasMoved(deployment, counts)) {
    const moved = { ...progressing, reason: 'ReplicaSetUpdated', message }
    return { ...settle(facts, moved), lastUpdateTime: toSeconds(now) }
  }
  const deadline = progressDeadline(deployment, deployment.status ?? {})
  if (deadline && deadline <= now) {
    return settle(facts, {
      type: 'Progressing',
      status: 'False',
      reason: 'ProgressDeadlineExceeded',
      message: `ReplicaSet "${name}" has timed out progressing.`,
    })
  }
  return before
}

const progressing = { type: 'Progressing', status: 'True' } as const
const paused: DeploymentCondition = {
  type: 'Progressing',
  status: 'Unknown',
  reason: 'DeploymentPaused',
  message: 'Deployment is paused',
}

function hasMoved({ status = {} }: Deployment, counts: DeploymentStatus): boolean {
  const { updatedReplicas = 0, readyReplicas = 0, availableReplicas = 0, replicas = 0 } = status
  const oldBefore = replicas - updatedReplicas
  const oldNow = (counts.replicas ?? 0) - (counts.updatedReplicas ?? 0)
  return (
    (counts.updatedReplicas ?? 0) > updatedReplicas ||
    oldNow < oldBefore ||
    (counts.readyReplicas ?? 0) > readyReplicas ||
    (counts.availableReplicas ?? 0) > availableReplicas
  )
}

/** `lastTransitionTime` moves with the status, `lastUpdateTime` with anything that is said. */
function settle(
  { deployment, now }: StatusFacts,
  condition: DeploymentCondition,
): DeploymentCondition {
  const before = conditionOf(deployment, condition.type)
  const time = toSeconds(now)
  const isSaid = before?.reason === condition.reason && before.message === condition.message
  return {
    ...condition,
    lastTransitionTime:
      (before?.status === condition.status ? before.lastTransitionTime : undefined) ?? time,
    lastUpdateTime: (isSaid ? before.lastUpdateTime : undefined) ?? time,
  }
}

function conditionOf(
  { status }: Deployment,
  type = 'Progressing',
): DeploymentCondition | undefined {
  return status?.conditions?.find((condition) => condition.type === type)
}
