import { type KubeObject, type ObjectRef, refOf } from '@pulse/api'
import type { Controller } from '../controller.ts'
import { createEchoes } from '../echoes.ts'
import { createNews } from '../news.ts'
import { controllerOf, isDeleting } from '../ownership.ts'
import { saveStatus } from '../save-status.ts'
import { carryOutClaim, planClaim } from './claim-dependents.ts'
import { createPods } from './create-pods.ts'
import { kinds, machineManager, type Pod, type ReplicaSet, typed } from './kinds.ts'
import { selects } from './label-selector.ts'
import type { MachineOptions } from './machine-options.ts'
import { planReplicaSet } from './plan-replica-set.ts'
import { finishedAt } from './pod-state.ts'
import { deleteSeen } from './write-objects.ts'

/** Keeps as many pods as a ReplicaSet asks for. */
export function replicaSetController({ objects, clock }: MachineOptions): Controller {
  const echoes = createEchoes()
  const isNews = createNews((object) => factsOf(typed<Pod>(object)))

  async function reconcile(object: KubeObject): Promise<Date | undefined> {
    const replicaSet = typed<ReplicaSet>(object)
    const { namespace } = replicaSet.metadata
    const page = await objects.list({ ...kinds.pod, ...(namespace && { namespace }) })
    const claim = planClaim(replicaSet, replicaSet.spec.selector, page.items.map(typed<Pod>))
    await carryOutClaim(replicaSet, claim, objects)

    const pods = claim.held
    const plan = planReplicaSet({ replicaSet, pods, now: clock.now() })
    const { template } = replicaSet.spec
    const count = plan.create
    await createPods({ owner: object, template, seen: pods, count }, objects)
    await deleteSeen(plan.remove, objects)
    await saveStatus(object, plan.status, { objects, fieldManager: machineManager, echoes })
    return plan.nextPass
  }

  /** The set that holds the pod, else those that may want it. */
  function concernedBy(pod: KubeObject): readonly ObjectRef[] | Promise<readonly ObjectRef[]> {
    const owner = controllerOf(pod)
    const { namespace } = pod.metadata
    if (namespace === undefined) return []
    if (owner) {
      return owner.kind === 'ReplicaSet'
        ? [{ ...kinds.replicaSet, namespace, name: owner.name }]
        : []
    }
    return isDeleting(pod) || !pod.metadata.labels ? [] : suitorsOf(pod, namespace)
  }

  async function suitorsOf(pod: KubeObject, namespace: string) {
    const page = await objects.list({ ...kinds.replicaSet, namespace })
    return page.items
      .map(typed<ReplicaSet>)
      .filter(({ spec }) => selects(spec.selector, pod.metadata.labels))
      .map(refOf)
  }

  return {
    name: 'replica-set',
    primary: kinds.replicaSet,
    watches: [
      { ...kinds.pod, concerns: (pod, gone) => (isNews(pod, gone) ? concernedBy(pod) : []) },
    ],
    reconcile,
    isEcho: echoes.isEcho,
  }
}

/** All that a set looks at in a pod. */
function factsOf(pod: Pod) {
  const { uid, labels } = pod.metadata
  const { phase, conditions = [] } = pod.status ?? {}
  return {
    ...{ uid, labels, phase, owner: controllerOf(pod), isDeleting: isDeleting(pod) },
    ready: conditions.find(({ type }) => type === 'Ready'),
    finishedAt: finishedAt(pod)?.getTime(),
  }
}
