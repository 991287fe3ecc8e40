import { hasReason, type KubeObject, refOf } from '@pulse/api'
import type { Controller } from '../controller.ts'
import type { EventNote } from '../events.ts'
import { controllerOf, isDeleting } from '../ownership.ts'
import { saveStatus } from '../save-status.ts'
import { referenceTo } from './cron-job-history.ts'
import { type CronJob, type Job, kinds, machineManager, typed } from './kinds.ts'
import type { MachineOptions } from './machine-options.ts'
import { type CronJobPlan, planCronJob } from './plan-cron-job.ts'
import { deleteSeen } from './write-objects.ts'

/** Makes Jobs at set times, and clears them away when there are more than are kept. */
export function cronJobController({ objects, clock, events }: MachineOptions): Controller {
  /** The standstill that was told last, by CronJob: it is looked at every minute, and stands still for longer. */
  const told = new Map<string, string>()

  async function reconcile(object: KubeObject): Promise<Date | undefined> {
    if (isDeleting(object)) return undefined
    const cronJob = typed<CronJob>(object)
    const plan = planCronJob({ cronJob, jobs: await jobsOf(cronJob), now: clock.now() })
    for (const note of plan.news) await events.record(object, note)
    await tellStandstill(object, plan.standstill)
    const status = await carryOut(object, plan)
    await saveStatus(object, { ...status }, { objects, fieldManager: machineManager })
    // After the status: until it is written, only the Jobs say which times were run.
    await deleteSeen(plan.replace, objects, 'Foreground')
    await deleteSeen(plan.expired, objects)
    await tellDeleted(object, [...plan.replace, ...plan.expired])
    return plan.nextPass
  }

  async function jobsOf({ metadata }: CronJob): Promise<readonly Job[]> {
    const { namespace, uid } = metadata
    const place = namespace === undefined ? {} : { namespace }
    const page = await objects.list({ ...kinds.job, ...place })
    return page.items.map(typed<Job>).filter((job) => controllerOf(job)?.uid === uid)
  }

  async function carryOut(object: KubeObject, { create, status }: CronJobPlan) {
    if (create === undefined) return status
    const job = await createJob(object, create.job)
    if (job === undefined) return status
    const { active = [] } = status
    const { lastScheduleTime } = create
    return { ...status, active: [...active, referenceTo(job)], lastScheduleTime }
  }

  /** Also what an earlier pass has made and not seen yet; undefined where somebody else has the name. */
  async function createJob(owner: KubeObject, job: KubeObject): Promise<KubeObject | undefined> {
    const { name } = job.metadata
    try {
      const created = await objects.create(job, { fieldManager: machineManager })
      const message = `Created job ${name}`
      await events.record(owner, { type: 'Normal', reason: 'SuccessfulCreate', message })
      return created
    } catch (error) {
      const found = hasReason(error, 'AlreadyExists') ? await objects.get(refOf(job)) : undefined
      if (found && controllerOf(found)?.uid === owner.metadata.uid) return found
      const reason = error instanceof Error ? error.message : String(error)
      const message = `Error creating job: ${reason}`
      await events.record(owner, { type: 'Warning', reason: 'FailedCreate', message })
      if (found) return undefined
      throw error
    }
  }

  async function tellStandstill(object: KubeObject, note: EventNote | undefined) {
    const { uid = '' } = object.metadata
    const line = note && `${note.reason} ${note.message}`
    if (told.get(uid) === line) return
    if (line === undefined) told.delete(uid)
    else told.set(uid, line)
    if (note) await events.record(object, note)
  }

  async function tellDeleted(object: KubeObject, jobs: readonly Job[]) {
    for (const { metadata } of jobs) {
      const message = `Deleted job ${metadata.name}`
      await events.record(object, { type: 'Normal', reason: 'SuccessfulDelete', message })
    }
  }

  return {
    name: 'cron-job',
    primary: kinds.cronJob,
    watches: [
      {
        ...kinds.job,
        concerns(job) {
          const owner = controllerOf(job)
          const { namespace } = job.metadata
          if (owner?.kind !== 'CronJob' || namespace === undefined) return []
          return [{ ...kinds.cronJob, namespace, name: owner.name }]
        },
      },
    ],
    reconcile,
  }
}
