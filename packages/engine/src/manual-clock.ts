import type { Clock } from './clock.ts'

export interface ManualClock extends Clock {
  /** Moves time on and runs, in order, what became due. */
  advance(milliseconds: number): void
  /** Sets it forward, or back: no time has passed. */
  jump(milliseconds: number): void
  /** How many timers run. */
  waiting(): number
}

/** A clock for tests: it stands still until it is moved. */
export function createManualClock(start = '2026-01-01T00:00:00Z'): ManualClock {
  let wall = Date.parse(start)
  let now = 0
  const timers = new Set<{ readonly at: number; readonly run: () => void }>()

  return {
    now: () => new Date(wall + now),
    elapsed: () => now,
    after(milliseconds, run) {
      const timer = { at: now + Math.max(0, milliseconds), run }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    advance(milliseconds) {
      const end = now + milliseconds
      for (;;) {
        const [due] = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
        if (!due) break
        timers.delete(due)
        now = due.at
        due.run()
      }
      now = end
    },
    jump(milliseconds) {
      wall += milliseconds
    },
    waiting: () => timers.size,
  }
}
