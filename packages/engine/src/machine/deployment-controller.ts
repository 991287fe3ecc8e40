import { type KubeObject, type ObjectRef, refOf } from '@pulse/api'
import type { Controller } from '../controller.ts'
import { createEchoes } from '../echoes.ts'
import { controllerOf } from '../ownership.ts'
import { saveStatus } from '../save-status.ts'
import { carryOutClaim, planClaim } from './claim-dependents.ts'
import {
  type Deployment,
  kinds,
  machineManager,
  type Pod,
  type ReplicaSet,
  typed,
} from './kinds.ts'
import type { MachineOptions } from './machine-options.ts'
import {
  changeCause,
  type DeploymentPlan,
  planDeployment,
  revisionAnnotation,
} from './plan-deployment.ts'
import { isFinished } from './pod-state.ts'
import { createOnce, deleteSeen } from './write-objects.ts'

/** Rolls a Deployment's template out through ReplicaSets. */
export function deploymentController({ objects, clock }: MachineOptions): Controller {
  const echoes = createEchoes()

  async function reconcile(object: KubeObject): Promise<Date | undefined> {
    const deployment = typed<Deployment>(object)
    const { namespace } = deployment.metadata
    const place = namespace === undefined ? {} : { namespace }
    const page = await objects.list({ ...kinds.replicaSet, ...place })
    const found = page.items.map(typed<ReplicaSet>)
    const claim = planClaim(deployment, deployment.spec.selector, found)
    await carryOutClaim(deployment, claim, objects)

    const recreates = deployment.spec.strategy?.type === 'Recreate'
    const running = recreates ? await runningSets(place) : new Set<string>()
    const replicaSets = claim.held
    const plan = planDeployment({ deployment, replicaSets, running, now: clock.now() })
    await carryOut(deployment, plan)
    await saveStatus(object, { ...plan.status }, { objects, fieldManager: machineManager, echoes })
    return plan.nextPass
  }

  /** Who has a pod that runs: also one on its way out holds what it held. */
  async function runningSets(place: { readonly namespace?: string }): Promise<Set<string>> {
    const page = await objects.list({ ...kinds.pod, ...place })
    const pods = page.items.map(typed<Pod>).filter((pod) => !isFinished(pod))
    return new Set(pods.map((pod) => controllerOf(pod)?.uid ?? ''))
  }

  async function carryOut(deployment: Deployment, plan: DeploymentPlan) {
    const { create, scale, revision, remove } = plan
    if (create) await createOnce([create], objects)
    for (const { replicaSet, replicas } of scale) {
      await merge(replicaSet, { spec: { replicas } })
    }
    if (revision) {
      const annotations = { [revisionAnnotation]: revision.value }
      await annotate(deployment, annotations)
      const { current } = revision
      if (current) await annotate(current, { ...annotations, ...changeCause(deployment) })
    }
    await deleteSeen(remove, objects)
  }

  async function annotate(object: KubeObject, annotations: Readonly<Record<string, string>>) {
    const carried = object.metadata.annotations ?? {}
    const isMarked = Object.entries(annotations).every(([name, value]) => carried[name] === value)
    if (!isMarked) await merge(object, { metadata: { annotations } })
  }

  async function merge(object: KubeObject, patch: unknown) {
    await objects.patch(refOf(object), { type: 'merge', patch }, { fieldManager: machineManager })
  }

  /** A pod that is gone may be the last that a Recreate waited for. */
  async function deploymentOf(pod: KubeObject): Promise<readonly ObjectRef[]> {
    const owner = controllerOf(pod)
    const { namespace } = pod.metadata
    if (owner?.kind !== 'ReplicaSet' || namespace === undefined) return []
    const set = await objects.get({ ...kinds.replicaSet, namespace, name: owner.name })
    return set ? ownerOf(set) : []
  }

  return {
    name: 'deployment',
    primary: kinds.deployment,
    watches: [
      { ...kinds.replicaSet, concerns: ownerOf },
      { ...kinds.pod, concerns: (pod, gone) => (gone ? deploymentOf(pod) : []) },
    ],
    reconcile,
    isEcho: echoes.isEcho,
  }
}

function ownerOf(set: KubeObject): readonly ObjectRef[] {
  const owner = controllerOf(set)
  const { namespace } = set.metadata
  if (owner?.kind !== 'Deployment' || namespace === undefined) return []
  return [{ ...kinds.deployment, namespace, name: owner.name }]
}
