import type { Clock } from '../clock.ts'

/** Schedules are kept by the time that people and PostgreSQL have, also after it was set. */
export const wallClock: Clock = {
  now: () => Date.now(),
  after(milliseconds, run) {
    const timer = setTimeout(run, milliseconds)
    return () => clearTimeout(timer)
  },
}
