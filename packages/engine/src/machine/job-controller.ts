import type { KubeObject } from '@pulse/api'
import { isTrue } from '../conditions.ts'
import type { Controller } from '../controller.ts'
import { controllerOf, isDeleting } from '../ownership.ts'
import { saveStatus } from '../save-status.ts'
import { createPods } from './create-pods.ts'
import { type Job, kinds, machineManager, type Pod, typed } from './kinds.ts'
import type { MachineOptions } from './machine-options.ts'
import { type JobPlan, planJob } from './plan-job.ts'
import { deleteSeen } from './write-objects.ts'

export interface JobOptions extends MachineOptions {
  /** Wait before the first retry; it doubles up to six minutes. */
  readonly firstRetrySeconds?: number
}

const jobUidLabel = 'batch.kubernetes.io/controller-uid'
const jobNameLabel = 'batch.kubernetes.io/job-name'

/** Runs a Job's pods to their end. Pods that have ended are kept, for their logs, until the Job goes. */
export function jobController(options: JobOptions): Controller {
  const { objects, clock, events, firstRetrySeconds = 1 } = options

  async function reconcile(object: KubeObject): Promise<Date | undefined> {
    if (isDeleting(object)) return undefined
    const job = typed<Job>(object)
    const pods = await podsOf(job)
    const plan = planJob({ job, pods, now: clock.now(), firstRetrySeconds })
    if (plan.isExpired) {
      // After its pods, as in a cluster: what is left of a task is never nobody's.
      await deleteSeen([object], objects, 'Foreground')
      return undefined
    }
    const { template } = job.spec
    const labels = labelsOf(job)
    const slots = { owner: object, template, labels, seen: pods, count: plan.create }
    await createPods(slots, objects)
    await deleteSeen(plan.stop, objects)
    await saveStatus(object, { ...plan.status }, { objects, fieldManager: machineManager })
    await tell(object, plan)
    return plan.nextPass
  }

  async function podsOf(job: Job): Promise<readonly Pod[]> {
    const { namespace, uid } = job.metadata
    const place = namespace === undefined ? {} : { namespace }
    const page = await objects.list({
      ...kinds.pod,
      ...place,
      labelSelector: `${jobUidLabel}=${uid}`,
    })
    return page.items.map(typed<Pod>).filter((pod) => controllerOf(pod)?.uid === uid)
  }

  async function tell(object: KubeObject, { status }: JobPlan) {
    const end = status.conditions?.find(({ type }) => type === 'Complete' || type === 'Failed')
    if (!end || isTrue(object, end.type)) return
    const { reason, message = '' } = end
    const note = { type: end.type === 'Failed' ? 'Warning' : 'Normal', reason, message } as const
    await events.record(object, note)
  }

  return {
    name: 'job',
    primary: kinds.job,
    watches: [
      {
        ...kinds.pod,
        concerns(pod) {
          const owner = controllerOf(pod)
          const { namespace } = pod.metadata
          if (owner?.kind !== 'Job' || namespace === undefined) return []
          return [{ ...kinds.job, namespace, name: owner.name }]
        },
      },
    ],
    reconcile,
  }
}

/** Both the old and the new spelling, as Kubernetes sets them; kubectl asks for the old one. */
function labelsOf({ metadata }: Job): Readonly<Record<string, string>> {
  const { name, uid = '' } = metadata
  const label = name.slice(0, 63)
  return { [jobUidLabel]: uid, 'controller-uid': uid, [jobNameLabel]: label, 'job-name': label }
}
