/** What the schedules of one environment ask for, as its database says. All times are epoch milliseconds. */
export interface Plan {
  /** Since when an action has been due that may have work; undefined when nothing has to run now. */
  readonly dueSince: number | undefined
  /** When it is worth looking again: the next action's time, or that of one that was due and had no work. */
  readonly nextAt: number | undefined
}

/** Reads schedules where they stand, without the environment running. `apps/pulse` gives it that of `packages/odoo`. */
export interface CronCalendar {
  /** Undefined: there is no such database any more. */
  read(environment: string, signal: AbortSignal): Promise<Plan | undefined>
}

/** What came of a run. */
export interface ScheduleRun {
  readonly jobs: number
  /** Epoch milliseconds, and passed when something is due still. */
  readonly nextAt: number | undefined
}

/**
 * Has an environment that is awake run what is due at once. Needed in every mode: a threaded Odoo runs the schedules of
 * loaded registries only, and both it and a cron worker wait a minute after their start before they look. Where Odoo's
 * own cron is quicker, row locks make the call find nothing. While it runs it counts as in flight, so that nobody puts the
 * environment to sleep; it is no activity of a user.
 */
export interface RunSchedules {
  run(environment: string, signal: AbortSignal): Promise<ScheduleRun>
}
