import type { Condition } from '@pulse/api'
import { backOffMilliseconds } from '../back-off.ts'
import { toSeconds, withCondition } from '../conditions.ts'
import { isDeleting } from '../ownership.ts'
import type { Job, JobStatus, Pod } from './kinds.ts'
import { failingExit } from './pod-failure-policy.ts'
import { finishedAt, isFinished, isReady, lastWords, restartsOf } from './pod-state.ts'

export interface JobPlan {
  /** So many pods are to be made. */
  readonly create: number
  readonly stop: readonly Pod[]
  readonly status: JobStatus
  readonly nextPass?: Date
  /** The Job itself has outlived its `ttlSecondsAfterFinished`. */
  readonly isExpired: boolean
}

export interface JobObserved {
  readonly job: Job
  /** All pods of the Job, also those that have ended. */
  readonly pods: readonly Pod[]
  readonly now: Date
  readonly firstRetrySeconds: number
}

const longestRetrySeconds = 360
const defaultBackoffLimit = 6

/**
 * What a Job needs next. Unlike a cluster's default, a pod on its way out still holds its place, and a Job has failed
 * only when its last pod is gone: two processes of one task never run at once.
 */
export function planJob(observed: JobObserved): JobPlan {
  const { job, pods, now } = observed
  const conditions = job.status?.conditions ?? []
  const unfinished = pods.filter((pod) => !isFinished(pod))
  const active = unfinished.filter((pod) => !isDeleting(pod))

  const end = conditions.find(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
  )
  if (end) return planFinished(job, end, { active, now })

  const startTime = job.spec.suspend ? undefined : (job.status?.startTime ?? toSeconds(now))
  const counted = { ...countsOf(job, pods), ...(startTime !== undefined && { startTime }) }
  const say = (...news: Condition[]) =>
    news.reduce((all, one) => withCondition(all, one, { now, generation: undefined }), conditions)

  const failure = conditions.find(({ type }) => type === 'FailureTarget') ?? failureOf(observed)
  if (failure) {
    const failed = { ...failure, type: 'Failed' }
    const said = unfinished.length === 0 ? say(failure, failed) : say(failure)
    return { create: 0, stop: active, status: { ...counted, conditions: said }, isExpired: false }
  }

  if (job.spec.suspend) {
    const said = say({
      type: 'Suspended',
      status: 'True',
      reason: 'JobSuspended',
      message: 'Job suspended',
    })
    return { create: 0, stop: active, status: { ...counted, conditions: said }, isExpired: false }
  }

  if (isComplete(job, counted.succeeded, unfinished.length)) {
    const said = say({
      type: 'Complete',
      status: 'True',
      reason: 'CompletionsReached',
      message: 'Reached expected number of succeeded pods',
    })
    const status = { ...counted, completionTime: toSeconds(now), conditions: said }
    return { create: 0, stop: [], status, isExpired: false }
  }

  const resumed = conditions.some(({ type }) => type === 'Suspended')
    ? say({ type: 'Suspended', status: 'False', reason: 'JobResumed', message: 'Job resumed' })
    : conditions
  const status = resumed.length > 0 ? { ...counted, conditions: resumed } : counted
  const deadline = deadlineOf(job, now)
  const wanted = wantedPods(job, counted.succeeded, unfinished.length)
  const lacking = wanted - unfinished.length
  const retryAt = lacking > 0 ? nextRetry(observed) : undefined
  const mustWait = retryAt !== undefined && retryAt > now
  const nextPass = earliest(deadline, mustWait ? retryAt : undefined)
  return {
    create: mustWait ? 0 : Math.max(0, lacking),
    stop: lacking < 0 ? surplus(active, wanted) : [],
    status,
    isExpired: false,
    ...(nextPass && { nextPass }),
  }
}

function planFinished(
  job: Job,
  end: Condition,
  { active, now }: { readonly active: readonly Pod[]; readonly now: Date },
): JobPlan {
  const plan = { create: 0, stop: active, status: job.status ?? {} }
  const { ttlSecondsAfterFinished: ttl } = job.spec
  if (ttl === undefined) return { ...plan, isExpired: false }
  const endedAt = Date.parse(job.status?.completionTime ?? end.lastTransitionTime ?? '')
  const expiry = new Date((Number.isNaN(endedAt) ? now.getTime() : endedAt) + ttl * 1000)
  return expiry <= now
    ? { ...plan, isExpired: true }
    : { ...plan, isExpired: false, nextPass: expiry }
}

function countsOf({ status }: Job, pods: readonly Pod[]) {
  const inPhase = (phase: string) => pods.filter((pod) => pod.status?.phase === phase).length
  const unfinished = pods.filter((pod) => !isFinished(pod))
  // Pods that someone has cleared away have ended all the same.
  return {
    active: unfinished.filter((pod) => !isDeleting(pod)).length,
    terminating: unfinished.filter(isDeleting).length,
    ready: unfinished.filter((pod) => !isDeleting(pod) && isReady(pod)).length,
    succeeded: Math.max(status?.succeeded ?? 0, inPhase('Succeeded')),
    failed: Math.max(status?.failed ?? 0, inPhase('Failed')),
  }
}

function failureOf({ job, pods, now }: JobObserved): Condition | undefined {
  const { backoffLimit = defaultBackoffLimit, template } = job.spec
  const failed = countsOf(job, pods).failed
  const restarts = template.spec.restartPolicy === 'OnFailure' ? sumOfRestarts(pods) : 0
  const target = { type: 'FailureTarget', status: 'True' } as const
  const exit = failingExit(job, pods)
  if (exit) return { ...target, reason: 'PodFailurePolicy', message: exit }
  if (failed > backoffLimit || (restarts > 0 && restarts >= backoffLimit)) {
    const words = lastFailed(pods)
    const message = `Job has reached the specified backoff limit${words ? `: ${lastWords(words)}` : ''}`
    return { ...target, reason: 'BackoffLimitExceeded', message }
  }
  const deadline = deadlineOf(job, now)
  if (!deadline || deadline > now) return undefined
  const message = 'Job was active longer than specified deadline'
  return { ...target, reason: 'DeadlineExceeded', message }
}

function sumOfRestarts(pods: readonly Pod[]): number {
  return pods.filter((pod) => !isFinished(pod)).reduce((sum, pod) => sum + restartsOf(pod), 0)
}

function lastFailed(pods: readonly Pod[]): Pod | undefined {
  return pods
    .filter(({ status }) => status?.phase === 'Failed')
    .toSorted((a, b) => (finishedAt(a)?.getTime() ?? 0) - (finishedAt(b)?.getTime() ?? 0))
    .at(-1)
}

/** Counted from the start; a suspended Job has none. */
function deadlineOf({ spec, status }: Job, now: Date): Date | undefined {
  if (spec.suspend || spec.activeDeadlineSeconds === undefined) return undefined
  const start = status?.startTime === undefined ? now.getTime() : Date.parse(status.startTime)
  return new Date(start + spec.activeDeadlineSeconds * 1000)
}

/** Without `completions` the first success is enough, and who is still at work may finish. */
function isComplete({ spec }: Job, succeeded: number, unfinished: number): boolean {
  if (spec.completions === undefined) return succeeded > 0 && unfinished === 0
  return succeeded >= spec.completions
}

function wantedPods({ spec }: Job, succeeded: number, unfinished: number): number {
  const { parallelism = 1, completions } = spec
  if (completions !== undefined) return Math.min(parallelism, Math.max(0, completions - succeeded))
  return succeeded > 0 ? Math.min(parallelism, unfinished) : parallelism
}

function nextRetry({ job, pods, firstRetrySeconds }: JobObserved): Date | undefined {
  const last = lastFailed(pods)
  const ended = last && finishedAt(last)
  if (!ended) return undefined
  const failures = countsOf(job, pods).failed
  // Whole waits, no chance in them: the Job says of itself when it will go on.
  const limits = {
    firstMilliseconds: firstRetrySeconds * 1000,
    longestMilliseconds: longestRetrySeconds * 1000,
  }
  return new Date(ended.getTime() + backOffMilliseconds(failures, 1, limits))
}

/** Who is not ready goes first, then who came last. */
function surplus(active: readonly Pod[], wanted: number): readonly Pod[] {
  const born = ({ metadata }: Pod) => metadata.creationTimestamp ?? ''
  return active
    .toSorted((a, b) => Number(isReady(a)) - Number(isReady(b)) || (born(a) < born(b) ? 1 : -1))
    .slice(0, Math.max(0, active.length - wanted))
}

function earliest(...times: readonly (Date | undefined)[]): Date | undefined {
  return times
    .filter((time) => time !== undefined)
    .toSorted((a, b) => a.getTime() - b.getTime())
    .at(0)
}
