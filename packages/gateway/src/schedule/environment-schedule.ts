import type { Plan } from './cron-calendar.ts'
import type { ScheduleLimits } from './schedule-limits.ts'

/** What the scheduler knows of one environment. All times are epoch milliseconds. */
export interface EnvironmentSchedule {
  readonly isAwake: boolean
  /** By plan: schedules wake it at most this often. What is due meanwhile waits, and is not lost. */
  readonly minimumIntervalMs: number
  /** When its database is to be read next; undefined while that is on its way. */
  readonly lookAt: number | undefined
  readonly isReading: boolean
  /** Its process ended during the read: what was read may have been done since. */
  readonly isOutdated: boolean
  readonly lookedAt: number
  readonly visit: Visit | undefined
  /** Before this, schedules do not wake it. */
  readonly notBefore: number
  readonly failures: number
}

/** A stay for schedules' sake: from the wish to wake until nothing is due any more. */
export interface Visit {
  readonly since: number
  readonly stage: 'waking' | 'running' | 'looking'
  /** When what is due should have begun: its own time, or the first that the plan's interval allows. */
  readonly owedAt: number
}

/** What happens to a schedule. */
export type ScheduleEvent =
  /** New or changed; to be read by `at`. */
  | { readonly type: 'known'; readonly minimumIntervalMs: number; readonly at: number }
  /** Its process has exited, or its registry was dropped: only now is what it left behind final. */
  | { readonly type: 'slept' }
  | { readonly type: 'woke' }
  /** A notification: only a hint, since anybody may send it. Not looked at before `at`. */
  | { readonly type: 'hinted'; readonly at: number }
  /** `lookAt` has come. */
  | { readonly type: 'timed' }
  | { readonly type: 'read'; readonly plan: Plan }
  | { readonly type: 'readFailed' }
  | { readonly type: 'wakeFailed' }
  | { readonly type: 'ran'; readonly jobs: number }
  | { readonly type: 'runFailed' }

/** What has to be done after a step. */
export type ScheduleEffect =
  | { readonly type: 'read' }
  | { readonly type: 'wake'; readonly owedAt: number }
  | { readonly type: 'run'; readonly owedAt: number }
  /** It must not be put to sleep before. */
  | { readonly type: 'keepAwake'; readonly until: number }
  /** Something is due that the plan lets run only then. */
  | { readonly type: 'heldBack'; readonly until: number }

/** What a step must know beside the schedule itself. */
export interface ScheduleContext {
  readonly now: number
  /** This environment's own delay, at most `jitterMs`. */
  readonly jitterMs: number
  readonly limits: ScheduleLimits
}

/** The schedule after an event, and what follows from it. */
export interface ScheduleStep {
  readonly schedule: EnvironmentSchedule
  readonly effects: readonly ScheduleEffect[]
}

/** A schedule of which nothing was read yet. */
export const newSchedule = (isAwake: boolean, minimumIntervalMs: number): EnvironmentSchedule => ({
  isAwake,
  minimumIntervalMs,
  lookAt: undefined,
  isReading: false,
  isOutdated: false,
  lookedAt: Number.NEGATIVE_INFINITY,
  visit: undefined,
  notBefore: Number.NEGATIVE_INFINITY,
  failures: 0,
})

/** The rules by which schedules are kept, as one pure step; bounds on many environments at once are the shell's. */
export function stepSchedule(
  before: EnvironmentSchedule,
  event: ScheduleEvent,
  context: ScheduleContext,
): ScheduleStep {
  const { now, limits } = context
  switch (event.type) {
    case 'known': {
      const { minimumIntervalMs, at } = event
      return stay(lookBy({ ...before, minimumIntervalMs }, at, now))
    }
    case 'slept': {
      const asleep = { ...before, isAwake: false, visit: undefined, isOutdated: before.isReading }
      return stay(lookBy(asleep, now, now))
    }
    case 'woke':
      return wake(before, context)
    case 'hinted':
      return stay(lookBy(before, Math.max(event.at, before.lookedAt + limits.hintGapMs), now))
    case 'timed': {
      // Told during a read, which may have come too early for it.
      if (before.isReading) return stay({ ...before, lookAt: now + limits.retryMs })
      return {
        schedule: { ...before, lookAt: undefined, isReading: true },
        effects: [{ type: 'read' }],
      }
    }
    case 'read':
      return read(before, event.plan, context)
    case 'readFailed':
      return retry({ ...before, isReading: false, isOutdated: false, lookedAt: now }, context)
    case 'wakeFailed':
      return before.visit === undefined
        ? stay(before)
        : retry({ ...before, visit: undefined }, context)
    case 'ran': {
      if (before.visit === undefined) return stay(before)
      const schedule = { ...before, visit: { ...before.visit, stage: 'looking' as const } }
      if (event.jobs === 0) return retry(schedule, context)
      return keep(lookBy({ ...schedule, failures: 0 }, now, now), now, context)
    }
    case 'runFailed':
      if (before.visit === undefined) return stay(before)
      return retry({ ...before, visit: { ...before.visit, stage: 'looking' } }, context)
  }
}

const stay = (schedule: EnvironmentSchedule): ScheduleStep => ({ schedule, effects: [] })

/** At `at`, or earlier if that is planned. During a read it stays planned: the read may have come too early. */
function lookBy(schedule: EnvironmentSchedule, at: number, now: number): EnvironmentSchedule {
  return { ...schedule, lookAt: Math.max(now, Math.min(at, schedule.lookAt ?? at)) }
}

/** Also one that somebody else has woken: what is due runs now. */
function wake(before: EnvironmentSchedule, { now, limits }: ScheduleContext): ScheduleStep {
  const schedule = { ...before, isAwake: true }
  if (before.visit?.stage !== 'waking') {
    const isVisited = before.visit !== undefined
    return stay(isVisited ? schedule : lookBy(schedule, now + limits.retryMs, now))
  }
  const { owedAt } = before.visit
  const notBefore = before.visit.since + before.minimumIntervalMs
  return {
    schedule: { ...schedule, notBefore, failures: 0, visit: { ...before.visit, stage: 'running' } },
    effects: [
      { type: 'keepAwake', until: now + limits.batchMs },
      { type: 'run', owedAt },
    ],
  }
}

function read(before: EnvironmentSchedule, plan: Plan, context: ScheduleContext): ScheduleStep {
  const { isOutdated, visit: current } = before
  const schedule = planLook(
    {
      ...before,
      isReading: false,
      isOutdated: false,
      lookedAt: context.now,
      // Within a visit the runs that do nothing are counted, not the reads between them.
      failures: current === undefined ? 0 : before.failures,
    },
    plan,
    context,
  )
  if (isOutdated) return stay(schedule)
  return plan.dueSince === undefined
    ? rest(schedule, plan, context)
    : visit(schedule, plan.dueSince, context)
}

/** When to read again if nothing happens before. */
function planLook(
  schedule: EnvironmentSchedule,
  { nextAt }: Plan,
  { now, jitterMs, limits }: ScheduleContext,
): EnvironmentSchedule {
  const latest = now + (schedule.isAwake ? limits.awakeLookMs : limits.lookMostMs)
  const next = nextAt === undefined ? latest : nextAt + (schedule.isAwake ? 0 : jitterMs)
  return lookBy(schedule, Math.min(next, latest), now)
}

/** Nothing is due: a visit ends, unless a neighbour follows within the minute. */
function rest(
  schedule: EnvironmentSchedule,
  { nextAt }: Plan,
  context: ScheduleContext,
): ScheduleStep {
  const { now, limits } = context
  if (schedule.visit?.stage !== 'looking') return stay(schedule)
  const isLong = now - schedule.visit.since >= limits.visitMostMs
  if (nextAt !== undefined && nextAt <= now + limits.batchMs && !isLong) {
    return keep(schedule, nextAt, context)
  }
  return stay({ ...schedule, visit: undefined, failures: 0 })
}

/** Something is due. */
function visit(
  schedule: EnvironmentSchedule,
  dueSince: number,
  { now, limits }: ScheduleContext,
): ScheduleStep {
  const { visit, notBefore } = schedule
  if (visit !== undefined && visit.stage !== 'looking') return stay(schedule)
  const owedAt = Math.max(dueSince, notBefore)
  if (visit !== undefined && now - visit.since >= limits.visitMostMs) {
    const pause = now + Math.max(schedule.minimumIntervalMs, limits.retryMostMs)
    return {
      schedule: { ...schedule, visit: undefined, notBefore: pause, lookAt: pause },
      effects: [{ type: 'heldBack', until: pause }],
    }
  }
  if (schedule.isAwake) {
    return {
      schedule: { ...schedule, visit: { since: now, ...visit, owedAt, stage: 'running' } },
      effects: [
        { type: 'keepAwake', until: now + limits.batchMs },
        { type: 'run', owedAt },
      ],
    }
  }
  if (now < notBefore) {
    return {
      schedule: { ...schedule, lookAt: notBefore },
      effects: [{ type: 'heldBack', until: notBefore }],
    }
  }
  return {
    schedule: { ...schedule, visit: { since: now, owedAt, stage: 'waking' } },
    effects: [{ type: 'wake', owedAt }],
  }
}

/** Until its next read is over. */
function keep(
  schedule: EnvironmentSchedule,
  at: number,
  { limits }: ScheduleContext,
): ScheduleStep {
  return { schedule, effects: [{ type: 'keepAwake', until: at + limits.readTimeoutMs }] }
}

/** Each failure in a row doubles the pause. */
function retry(schedule: EnvironmentSchedule, context: ScheduleContext): ScheduleStep {
  const { now, limits } = context
  const pause = Math.min(limits.retryMs * 2 ** Math.min(schedule.failures, 20), limits.retryMostMs)
  const lookAt = now + pause
  const next = { ...schedule, lookAt, failures: schedule.failures + 1 }
  const isKept = schedule.visit !== undefined && pause <= limits.batchMs
  return isKept ? keep(next, lookAt, context) : stay(next)
}
