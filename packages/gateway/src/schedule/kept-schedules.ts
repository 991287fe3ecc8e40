import type { Clock } from '../clock.ts'
import {
  type EnvironmentSchedule,
  newSchedule,
  type ScheduleEffect,
  type ScheduleEvent,
  stepSchedule,
} from './environment-schedule.ts'
import { createLookTimes } from './look-times.ts'
import type { ScheduleLimits } from './schedule-limits.ts'
import { createPacer, jitterOf } from './spread.ts'

/** What is known of each environment's schedules, and when it is looked at next. */
export interface KeptSchedules {
  readonly known: Pick<ReadonlyMap<string, unknown>, 'has' | 'size'>
  /** Its database is read when its turn has come. */
  know(environment: string, isAwake: boolean, minimumIntervalMs: number): void
  forget(environment: string): void
  take(environment: string, event: ScheduleEvent): void
  hint(environment: string): void
  hintAll(): void
  /** Nothing happens from then on. */
  close(): void
}

export interface KeptSchedulesOptions {
  readonly clock: Clock
  readonly limits: ScheduleLimits
  readonly carryOut: (environment: string, effect: ScheduleEffect) => void
}

export function keepSchedules({ clock, limits, carryOut }: KeptSchedulesOptions): KeptSchedules {
  const schedules = new Map<string, EnvironmentSchedule>()
  const hints = createHints(clock, limits)
  const looks = createLookTimes(clock, (name) => {
    hints.forget(name)
    take(name, { type: 'timed' })
  })
  const nextOfMany = createPacer(2_000 / limits.readsPerSecond)
  let isClosed = false

  function take(name: string, event: ScheduleEvent) {
    const before = schedules.get(name)
    if (before === undefined || isClosed) return
    const context = { now: clock.now(), jitterMs: jitterOf(name, limits.jitterMs), limits }
    const { schedule, effects } = stepSchedule(before, event, context)
    schedules.set(name, schedule)
    looks.plan(name, schedule.lookAt)
    for (const effect of effects) carryOut(name, effect)
  }

  const readInTurn = (name: string, minimumIntervalMs: number) =>
    take(name, { type: 'known', minimumIntervalMs, at: nextOfMany(clock.now()) })

  return {
    known: schedules,
    know(name, isAwake, minimumIntervalMs) {
      if (!schedules.has(name)) schedules.set(name, newSchedule(isAwake, minimumIntervalMs))
      readInTurn(name, minimumIntervalMs)
    },
    forget(name) {
      schedules.delete(name)
      hints.forget(name)
      looks.plan(name, undefined)
    },
    take,
    hint(name) {
      const known = schedules.get(name)
      const at = known && hints.placeFor(name, known)
      if (at !== undefined) take(name, { type: 'hinted', at })
    },
    hintAll() {
      for (const [name, { minimumIntervalMs }] of schedules) readInTurn(name, minimumIntervalMs)
    },
    close() {
      looks.close()
      isClosed = true
    },
  }
}

/** Each waits for its place once, or one name sent again and again would push back all others. */
function createHints(clock: Clock, limits: ScheduleLimits) {
  const waiting = new Set<string>()
  const next = createPacer(1_000 / limits.hintsPerSecond)
  return {
    /** When it is read; undefined if it is read soon anyway, or waits for its place. */
    placeFor(name: string, { lookAt }: EnvironmentSchedule): number | undefined {
      const now = clock.now()
      const isSoon = lookAt !== undefined && lookAt <= now + limits.hintGapMs
      if (isSoon || waiting.has(name)) return undefined
      waiting.add(name)
      return next(now)
    },
    forget: (name: string) => void waiting.delete(name),
  }
}
