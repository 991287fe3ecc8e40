import { parseCronTimes } from '@pulse/api'
import { Cron } from 'croner'

/** When a CronJob runs. What days of a change of the clocks mean is in docs/reference/cron-jobs.md. */
export interface CronSchedule {
  /** The first run after this moment; undefined when there is none in all the years to come. */
  next(after: Date): Date | undefined
  /** The last run after the one moment and not after the other. */
  latest(after: Date, now: Date): Date | undefined
}

/** Without a zone times are UTC, whatever the zone of the machine. Throws the rule that is broken. */
export function createCronSchedule(schedule: string, timeZone = 'Etc/UTC'): CronSchedule {
  const times = parseCronTimes(schedule)
  if (times.type === 'broken') throw new Error(times.rule)
  if (times.type === 'every') return createInterval(times.seconds * 1000)
  const cron = new Cron(times.pattern, { timezone: timeZone, mode: '5-part', paused: true })
  const next = (after: Date) => cron.nextRun(after) ?? undefined
  return { next, latest: (after, now) => latestOf(next, after, now) }
}

/** Counted on from any run; who was late does not shift those that follow. */
function createInterval(milliseconds: number): CronSchedule {
  const at = (after: Date, count: number) => new Date(after.getTime() + count * milliseconds)
  return {
    next: (after) => at(after, 1),
    latest(after, now) {
      const count = Math.floor((now.getTime() - after.getTime()) / milliseconds)
      return count < 1 ? undefined : at(after, count)
    },
  }
}

const firstWindow = 60_000

/** Looks back from now in ever longer windows: years without a run cost as little as a minute. */
function latestOf(next: CronSchedule['next'], after: Date, now: Date): Date | undefined {
  for (let window = firstWindow; ; window *= 2) {
    const from = new Date(Math.max(after.getTime(), now.getTime() - window))
    let found: Date | undefined
    for (let run = next(from); run !== undefined && run <= now; run = next(run)) found = run
    if (found !== undefined || from <= after) return found
  }
}
