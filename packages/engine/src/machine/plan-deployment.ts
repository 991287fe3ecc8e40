import { fingerprint } from '../fingerprint.ts'
import { isDeleting } from '../ownership.ts'
import { deploymentStatus, progressDeadline } from './deployment-status.ts'
import type { Deployment, DeploymentStatus, PodTemplate, ReplicaSet } from './kinds.ts'
import {
  availableOf,
  fenceposts,
  replicasOf,
  type Scaling,
  scaleDown,
  scaleUp,
} from './rolling-update.ts'
import { isSameTemplate } from './same-template.ts'

export const hashLabel = 'pod-template-hash'
export const revisionAnnotation = 'deployment.kubernetes.io/revision'
const causeAnnotation = 'kubernetes.io/change-cause'

export interface DeploymentPlan {
  readonly create?: ReplicaSet
  readonly scale: readonly Scaling[]
  /** The set of the present template carries this revision, and so does the Deployment. */
  readonly revision: { readonly current?: ReplicaSet; readonly value: string } | undefined
  readonly remove: readonly ReplicaSet[]
  readonly status: DeploymentStatus
  readonly nextPass?: Date
}

export interface DeploymentObserved {
  readonly deployment: Deployment
  /** All sets that it holds. */
  readonly replicaSets: readonly ReplicaSet[]
  /** Uids of the sets with a pod that still runs, be it on its way out; asked for by Recreate alone. */
  readonly running: ReadonlySet<string>
  readonly now: Date
}

/** The next step from the pods that are to the pods that the template asks for. */
export function planDeployment({
  deployment,
  replicaSets,
  running,
  now,
}: DeploymentObserved): DeploymentPlan {
  const { spec } = deployment
  const living = replicaSets.filter((set) => !isDeleting(set)).toSorted(byRevision)
  const current = living.find((set) => isOfTemplate(set, spec.template))
  const old = living.filter((set) => set !== current)
  const replicas = spec.replicas ?? 1
  const recreates = spec.strategy?.type === 'Recreate'
  const limits = fenceposts(replicas, spec.strategy?.rollingUpdate ?? {})
  const rollout = { current, old, replicas, ...limits }

  const status = deploymentStatus({ deployment, current, old, limits, recreates, now })
  const deadline = progressDeadline(deployment, status)
  const nextPass = deadline && deadline > now ? deadline : undefined
  const plan = { status, revision: undefined, remove: [], ...(nextPass && { nextPass }) }
  if (isDeleting(deployment)) return { ...plan, scale: [] }

  // A paused Deployment changes no template, but its only set still follows the number asked for.
  if (spec.paused) {
    const only = [...old.filter((set) => replicasOf(set) > 0), ...(current ? [current] : [])]
    return { ...plan, scale: only.length === 1 ? toReplicas(only, replicas) : [] }
  }

  if (recreates) {
    const down = toReplicas(old, 0)
    const oldPodsRun = old.some(({ metadata }) => running.has(metadata.uid ?? ''))
    if (down.length > 0 || oldPodsRun) return { ...plan, scale: down }
  }
  const wanted = recreates ? replicas : scaleUp(rollout)
  const value = String(revisionOf(current, old))
  if (!current) {
    const create = makeReplicaSet(deployment, wanted, value)
    return { ...plan, create, scale: [], revision: { value } }
  }

  const up = toReplicas([current], wanted)
  const down = recreates || up.length > 0 ? [] : scaleDown(rollout)
  const isDone = down.length === 0 && up.length === 0 && availableOf(current) >= replicas
  return {
    ...plan,
    scale: [...up, ...down],
    revision: { current, value },
    remove: isDone ? outlived(old, spec.revisionHistoryLimit ?? 10) : [],
  }
}

/** The label is ours, not the template's. */
function isOfTemplate({ spec }: ReplicaSet, template: PodTemplate): boolean {
  const { [hashLabel]: _hash, ...labels } = spec.template.metadata?.labels ?? {}
  const own = { ...spec.template, metadata: { ...spec.template.metadata, labels } }
  const asked = {
    ...template,
    metadata: { ...template.metadata, labels: template.metadata?.labels ?? {} },
  }
  return isSameTemplate(own, asked)
}

/** The present template is always the newest revision, also when it was gone back to. */
function revisionOf(current: ReplicaSet | undefined, old: readonly ReplicaSet[]): number {
  const newestOld = Math.max(0, ...old.map(revisionNumber))
  return current && revisionNumber(current) > newestOld ? revisionNumber(current) : newestOld + 1
}

function revisionNumber({ metadata }: ReplicaSet): number {
  return Number.parseInt(metadata.annotations?.[revisionAnnotation] ?? '0', 10) || 0
}

/** Why it is as it is, for `kubectl rollout history`: people say so after the change as well. */
export function changeCause({ metadata }: Deployment): Readonly<Record<string, string>> {
  const cause = metadata.annotations?.[causeAnnotation]
  return cause ? { [causeAnnotation]: cause } : {}
}

function makeReplicaSet(deployment: Deployment, replicas: number, revision: string): ReplicaSet {
  const { apiVersion, kind, metadata, spec } = deployment
  const { name, namespace, uid = '' } = metadata
  const hash = fingerprint(spec.template).slice(0, 10)
  const labels = { ...spec.template.metadata?.labels, [hashLabel]: hash }
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${name.slice(0, 242)}-${hash}`,
      ...(namespace !== undefined && { namespace }),
      labels,
      annotations: { [revisionAnnotation]: revision, ...changeCause(deployment) },
      ownerReferences: [
        { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true },
      ],
    },
    spec: {
      replicas,
      ...(spec.minReadySeconds !== undefined && { minReadySeconds: spec.minReadySeconds }),
      selector: {
        ...spec.selector,
        matchLabels: { ...spec.selector.matchLabels, [hashLabel]: hash },
      },
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
    },
  }
}

function toReplicas(sets: readonly ReplicaSet[], replicas: number): readonly Scaling[] {
  return sets
    .filter((replicaSet) => replicasOf(replicaSet) !== replicas)
    .map((replicaSet) => ({ replicaSet, replicas }))
}

/** Empty sets of earlier templates beyond the limit, oldest revision first. */
function outlived(old: readonly ReplicaSet[], limit: number): readonly ReplicaSet[] {
  const empty = old.filter((set) => replicasOf(set) === 0 && (set.status?.replicas ?? 0) === 0)
  return empty
    .toSorted((a, b) => revisionNumber(a) - revisionNumber(b))
    .slice(0, Math.max(0, empty.length - limit))
}

function byRevision(one: ReplicaSet, other: ReplicaSet): number {
  return revisionNumber(one) - revisionNumber(other)
}
