import { isTimeZone, type KubeObject } from '@pulse/api'
import { toSeconds } from '../conditions.ts'
import type { EventNote } from '../events.ts'
import { isDeleting } from '../ownership.ts'
import {
  expiredJobs,
  hasEnded,
  jobNews,
  scheduledAnnotation,
  statusOf,
} from './cron-job-history.ts'
import { type CronSchedule, createCronSchedule } from './cron-schedule.ts'
import { type CronJob, type CronJobStatus, type Job, kinds } from './kinds.ts'
import { zonedTime } from './zoned-time.ts'

export interface CronJobPlan {
  /** The one Job that is due, and when it was. */
  readonly create?: { readonly job: KubeObject; readonly lastScheduleTime: string }
  /** Jobs that still run and give way to the next. */
  readonly replace: readonly Job[]
  /** Jobs that have ended and are more than are kept. */
  readonly expired: readonly Job[]
  /** As it is without the Job to be created. */
  readonly status: CronJobStatus
  /** What has happened since the last pass. */
  readonly news: readonly EventNote[]
  /** Why nothing is created although something is due: it stays so over many passes, and is news only once. */
  readonly standstill?: EventNote
  readonly nextPass?: Date
}

export interface CronJobObserved {
  readonly cronJob: CronJob
  /** All Jobs that it controls. */
  readonly jobs: readonly Job[]
  readonly now: Date
}

/** More runs than these are not made up for, one by one, in any case; so many are a sign that something is wrong. */
const manyMissed = 100

/** The clock may jump while a timer counts on: nothing that is due is noticed later than this after it. */
const longestWaitMilliseconds = 60_000

/**
 * What a CronJob needs next, as Kubernetes' controller (v2) decides it. Of all runs that were missed only the latest is
 * made up for, and the name of its Job says which it is: two passes over the same facts create the same Job.
 */
export function planCronJob({ cronJob, jobs, now }: CronJobObserved): CronJobPlan {
  const { spec } = cronJob
  const running = jobs.filter((job) => !hasEnded(job))
  const expired = expiredJobs(cronJob, jobs)
  const status = statusOf(cronJob, jobs)
  const rest = { replace: [], expired, status, news: jobNews(cronJob, jobs) }
  if (spec.suspend) return rest

  const schedule = scheduleOf(cronJob)
  if ('reason' in schedule) return { ...rest, standstill: schedule }
  const later = { ...rest, ...nextPassOf(schedule, now) }

  const since = new Date(status.lastScheduleTime ?? cronJob.metadata.creationTimestamp ?? 0)
  // What was due up to then is done with, also if the clock goes back and brings it a second time.
  if (since > now) return { ...later, standstill: clockBehind }
  const due = schedule.latest(since, now)
  if (due === undefined) {
    if (schedule.next(now) !== undefined) return later
    return { ...rest, standstill: invalid(spec.schedule, 'it has no time that ever comes') }
  }

  const { startingDeadlineSeconds: deadline } = spec
  if (deadline !== undefined && due.getTime() + deadline * 1000 < now.getTime()) {
    const message = `Missed scheduled time to start a job: ${toSeconds(due)}`
    return { ...later, standstill: { type: 'Warning', reason: 'MissSchedule', message } }
  }
  if (spec.concurrencyPolicy === 'Forbid' && running.length > 0) {
    return { ...later, standstill: alreadyActive }
  }
  if (spec.concurrencyPolicy === 'Replace' && running.length > 0) {
    // They are to be gone before: two processes of one task never run at once.
    return { ...later, replace: running.filter((one) => !isDeleting(one)) }
  }
  const missed = hasMissedMany(cronJob, schedule, { since, now })
  return {
    ...later,
    create: { job: makeJob(cronJob, due), lastScheduleTime: toSeconds(due) },
    news: [...later.news, ...(missed ? [tooManyMissed] : [])],
  }
}

function scheduleOf({ spec }: CronJob): CronSchedule | EventNote {
  const { timeZone } = spec
  if (timeZone !== undefined && !isTimeZone(timeZone)) {
    const message = `invalid timeZone: "${timeZone}"`
    return { type: 'Warning', reason: 'UnknownTimeZone', message }
  }
  try {
    return createCronSchedule(spec.schedule, spec.timeZone)
  } catch (error) {
    const rule = error instanceof Error ? error.message : String(error)
    const message = `unparseable schedule: "${spec.schedule}" : ${rule}`
    return { type: 'Warning', reason: 'UnparseableSchedule', message }
  }
}

function nextPassOf(schedule: CronSchedule, now: Date): { readonly nextPass?: Date } {
  const next = schedule.next(now)
  if (next === undefined) return {}
  const longest = now.getTime() + longestWaitMilliseconds
  return { nextPass: new Date(Math.min(next.getTime(), longest)) }
}

interface Missed {
  readonly since: Date
  readonly now: Date
}

/** Of what lies beyond the deadline nothing would be started anyway. */
function hasMissedMany({ spec }: CronJob, schedule: CronSchedule, { since, now }: Missed): boolean {
  const { startingDeadlineSeconds: deadline = Number.POSITIVE_INFINITY } = spec
  const from = Math.max(since.getTime(), now.getTime() - deadline * 1000)
  let run = schedule.next(new Date(from))
  for (let count = 0; run !== undefined && run <= now; run = schedule.next(run)) {
    count += 1
    if (count > manyMissed) return true
  }
  return false
}

const tooManyMissed: EventNote = {
  type: 'Warning',
  reason: 'TooManyMissedTimes',
  message:
    'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew',
}

const alreadyActive: EventNote = {
  type: 'Normal',
  reason: 'JobAlreadyActive',
  message: 'Not starting job because prior execution is running and concurrency policy is Forbid',
}

const clockBehind: EventNote = {
  type: 'Warning',
  reason: 'ClockBehind',
  message: 'the clock is behind the last scheduled time: nothing is started until it has caught up',
}

function invalid(schedule: string, rule: string): EventNote {
  return {
    type: 'Warning',
    reason: 'InvalidSchedule',
    message: `invalid schedule: ${schedule} : ${rule}`,
  }
}

/** Named by the minute in which it was due, so that it is made only once. */
function makeJob({ metadata, spec }: CronJob, due: Date): KubeObject {
  const { name, namespace, uid = '' } = metadata
  const { jobTemplate, timeZone = 'Etc/UTC' } = spec
  const owner = { ...kinds.cronJob, name, uid, controller: true, blockOwnerDeletion: true }
  return {
    ...kinds.job,
    metadata: {
      name: `${name}-${Math.floor(due.getTime() / 60_000)}`,
      ...(namespace !== undefined && { namespace }),
      ...(jobTemplate.metadata?.labels && { labels: jobTemplate.metadata.labels }),
      annotations: {
        ...jobTemplate.metadata?.annotations,
        [scheduledAnnotation]: zonedTime(due, timeZone),
      },
      ownerReferences: [owner],
    },
    spec: jobTemplate.spec,
  }
}
