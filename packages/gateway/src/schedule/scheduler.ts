import type { Clock } from '../clock.ts'
import type { CronCalendar, RunSchedules } from './cron-calendar.ts'
import type { ScheduleEffect, ScheduleEvent } from './environment-schedule.ts'
import { type KeptSchedules, keepSchedules } from './kept-schedules.ts'
import { createLane } from './lane.ts'
import type { ScheduleLimits } from './schedule-limits.ts'
import { withTimeLimit } from './time-limit.ts'

export interface SchedulerOptions {
  readonly clock: Clock
  readonly limits: ScheduleLimits
  readonly calendar: CronCalendar
  readonly runner: RunSchedules
  /** Wakes with cause `schedule`; resolves when it serves, rejects when it could not be woken. */
  readonly wake: (environment: string, signal: AbortSignal) => Promise<void>
  /** It must not be put to sleep before `untilMs` (epoch), nor while `runner` is at work in it: that is its own care. */
  readonly keepAwake: (environment: string, untilMs: number) => void
  readonly tell: (fact: ScheduleFact) => void
}

/** What happened, for metrics and the log. `lateMs` counts from the moment an action should have begun. */
export type ScheduleFact =
  | { readonly type: 'read'; readonly environment: string; readonly isDue: boolean }
  | { readonly type: 'gone'; readonly environment: string }
  | { readonly type: 'woke'; readonly environment: string; readonly lateMs: number }
  | {
      readonly type: 'ran'
      readonly environment: string
      readonly jobs: number
      /** When the run began. */
      readonly lateMs: number
    }
  | { readonly type: 'heldBack'; readonly environment: string; readonly untilMs: number }
  | {
      readonly type: 'failed'
      readonly environment: string
      readonly step: 'read' | 'wake' | 'run'
      readonly error: unknown
    }

/** An environment whose schedules are kept. */
export interface KnownEnvironment {
  readonly name: string
  readonly isAwake: boolean
  /** By plan: schedules wake it at most this often. */
  readonly minimumIntervalMs: number
}

/** Keeps the schedules of environments that may be asleep. */
export interface Scheduler {
  /** An environment that came or changed; its database is read soon. `isAwake` counts for a new one only. */
  know(environment: KnownEnvironment): void
  forget(environment: string): void
  /** After its process has exited (an instance) or its registry went unused for its idle time (a pool's). */
  slept(environment: string): void
  woke(environment: string): void
  /** A notification named its database. */
  hint(environment: string): void
  /** Notifications may have been missed: every database is read again. */
  hintAll(): void
  /** How many are known, planned to be read, and waiting for their turn. */
  readonly counts: { readonly known: number; readonly reads: number; readonly wakes: number }
  close(): void
}

export function createScheduler(options: SchedulerOptions): Scheduler {
  const { clock, limits } = options
  const steps = createSteps(options, () => kept)
  const kept = keepSchedules({ clock, limits, carryOut: steps.carryOut })

  return {
    know: ({ name, isAwake, minimumIntervalMs }) => kept.know(name, isAwake, minimumIntervalMs),
    forget: kept.forget,
    slept: (name) => kept.take(name, { type: 'slept' }),
    woke: (name) => kept.take(name, { type: 'woke' }),
    hint: kept.hint,
    hintAll: kept.hintAll,
    get counts() {
      return { known: kept.known.size, ...steps.waiting }
    },
    close() {
      kept.close()
      steps.close()
    },
  }
}

/** Carries out what the schedules ask for, each step in its own lane and time. */
function createSteps(options: SchedulerOptions, kept: () => KeptSchedules) {
  const { clock, limits, tell } = options
  const lanes = createLanes(options)
  const stopping = new AbortController()

  /** Never rejects: a failure is an event as any other. */
  async function attempt(name: string, step: Step, owedAt: number) {
    if (!kept().known.has(name)) return
    const begun = clock.now()
    const milliseconds = limits[`${step}TimeoutMs`]
    const limit = { clock, milliseconds, name: step, stop: stopping.signal }
    try {
      const done = await withTimeLimit(limit, (signal) => doStep(options, step, name, signal))
      tell(factOf(done, name, (step === 'run' ? begun : clock.now()) - owedAt))
      if (done.type === 'gone') kept().forget(name)
      else kept().take(name, done)
    } catch (error) {
      if (stopping.signal.aborted) return
      tell({ type: 'failed', environment: name, step, error })
      kept().take(name, { type: `${step}Failed` })
    }
  }

  return {
    carryOut(name: string, effect: ScheduleEffect) {
      if (effect.type === 'keepAwake') options.keepAwake(name, effect.until)
      else if (effect.type === 'heldBack') {
        tell({ type: 'heldBack', environment: name, untilMs: effect.until })
      } else {
        const owedAt = effect.type === 'read' ? clock.now() : effect.owedAt
        lanes[effect.type].add(owedAt, () => attempt(name, effect.type, owedAt))
      }
    },
    get waiting() {
      return { reads: lanes.read.waiting, wakes: lanes.wake.waiting }
    },
    close() {
      for (const lane of Object.values(lanes)) lane.close()
      stopping.abort(new Error('the scheduler is closed'))
    },
  }
}

type Step = 'read' | 'wake' | 'run'
type Done = Extract<ScheduleEvent, { readonly type: 'read' | 'woke' | 'ran' }> | { type: 'gone' }

async function doStep(
  { calendar, wake, runner }: SchedulerOptions,
  step: Step,
  name: string,
  signal: AbortSignal,
): Promise<Done> {
  if (step === 'read') {
    const plan = await calendar.read(name, signal)
    return plan === undefined ? { type: 'gone' } : { type: 'read', plan }
  }
  if (step === 'run') return { type: 'ran', jobs: (await runner.run(name, signal)).jobs }
  await wake(name, signal)
  return { type: 'woke' }
}

function factOf(done: Done, environment: string, lateMs: number): ScheduleFact {
  switch (done.type) {
    case 'gone':
      return { type: 'gone', environment }
    case 'read':
      return { type: 'read', environment, isDue: done.plan.dueSince !== undefined }
    case 'woke':
      return { type: 'woke', environment, lateMs }
    case 'ran':
      return { type: 'ran', environment, jobs: done.jobs, lateMs }
  }
}

function createLanes({ clock, limits }: SchedulerOptions) {
  const gapMs = 1_000 / limits.readsPerSecond
  return {
    read: createLane({ clock, atOnce: limits.readsAtOnce, gapMs }),
    wake: createLane({ clock, atOnce: limits.wakesAtOnce }),
    run: createLane({ clock, atOnce: limits.runsAtOnce }),
  }
}
