import type { KubeObject } from '@pulse/api'
import { isTrue, toSeconds } from '../conditions.ts'
import type { EventNote } from '../events.ts'
import { isDeleting } from '../ownership.ts'
import type { CronJob, CronJobStatus, Job, JobReference } from './kinds.ts'

/** On a Job: when it was due. */
export const scheduledAnnotation = 'batch.kubernetes.io/cronjob-scheduled-timestamp'

/** What a CronJob says of its Jobs. */
export function statusOf({ status = {} }: CronJob, jobs: readonly Job[]): CronJobStatus {
  // Also of a Job that a pass has made which was cut short before it could say so.
  const lastScheduleTime = jobs
    .flatMap(dueOf)
    .concat(status.lastScheduleTime ?? [])
    .toSorted()
    .at(-1)
  const active = jobs.filter((job) => !hasEnded(job)).map(referenceTo)
  const lastSuccessfulTime = jobs
    .filter((job) => isTrue(job, 'Complete'))
    .flatMap((job) => job.status?.completionTime ?? [])
    .concat(status.lastSuccessfulTime ?? [])
    .toSorted()
    .at(-1)
  return {
    ...(active.length > 0 && { active }),
    ...(lastScheduleTime !== undefined && { lastScheduleTime }),
    ...(lastSuccessfulTime !== undefined && { lastSuccessfulTime }),
  }
}

function dueOf({ metadata }: Job): string | readonly [] {
  const due = Date.parse(metadata.annotations?.[scheduledAnnotation] ?? '')
  return Number.isNaN(due) ? [] : toSeconds(new Date(due))
}

export function referenceTo({ apiVersion, kind, metadata }: KubeObject): JobReference {
  const { name, namespace, uid = '' } = metadata
  return { apiVersion, kind, ...(namespace !== undefined && { namespace }), name, uid }
}

/** What has become of its Jobs since its status was written. */
export function jobNews({ metadata, status }: CronJob, jobs: readonly Job[]): readonly EventNote[] {
  const active = status?.active ?? []
  const known = new Set(active.map(({ uid }) => uid))
  const here = new Map(jobs.map((job) => [job.metadata.uid, job]))
  const strangers = jobs.filter(
    (job) => !hasEnded(job) && !known.has(job.metadata.uid ?? '') && !isNamedAfter(job, metadata),
  )
  return [
    ...active.flatMap(({ uid, name }) => fateOf(name, here.get(uid))),
    ...strangers.map((job): EventNote => {
      const message = `Saw a job that the controller did not create or forgot: ${job.metadata.name}`
      return { type: 'Warning', reason: 'UnexpectedJob', message }
    }),
  ]
}

function fateOf(name: string, job: Job | undefined): readonly EventNote[] {
  if (job === undefined) {
    const message = `Active job went missing: ${name}`
    return [{ type: 'Normal', reason: 'MissingJob', message }]
  }
  if (!hasEnded(job)) return []
  const condition = isTrue(job, 'Complete') ? 'Complete' : 'Failed'
  const message = `Saw completed job: ${name}, condition: ${condition}`
  return [{ type: 'Normal', reason: 'SawCompletedJob', message }]
}

/** Made for a time of the schedule, by a pass whose status was not written any more. */
function isNamedAfter(job: Job, { name }: CronJob['metadata']): boolean {
  const own = job.metadata.name
  return own.startsWith(`${name}-`) && /^\d+$/.test(own.slice(name.length + 1))
}

/** The oldest of those that have ended, of each outcome, beyond the number that is kept of it. */
export function expiredJobs({ spec }: CronJob, jobs: readonly Job[]): readonly Job[] {
  const startOf = (job: Job) => `${job.status?.startTime ?? ''} ${job.metadata.name}`
  const beyond = (outcome: string, limit = Number.POSITIVE_INFINITY) => {
    const ended = jobs
      .filter((job) => isTrue(job, outcome) && !isDeleting(job))
      .toSorted((one, other) => (startOf(one) < startOf(other) ? -1 : 1))
    return ended.slice(0, Math.max(0, ended.length - limit))
  }
  return [
    ...beyond('Complete', spec.successfulJobsHistoryLimit),
    ...beyond('Failed', spec.failedJobsHistoryLimit),
  ]
}

export function hasEnded(job: Job): boolean {
  return isTrue(job, 'Complete') || isTrue(job, 'Failed')
}
