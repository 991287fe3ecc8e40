import { setImmediate } from 'node:timers/promises'
import type { Clock } from './clock.ts'
import { createEarliest } from './earliest.ts'

export interface FakeClock extends Clock {
  /** Lets so much time pass; what became due runs in order, each followed by all that it sets off. */
  pass(milliseconds: number): Promise<void>
}

/** It stands still until it is moved, by whole milliseconds as a real one. */
export function createFakeClock(start = Date.parse('2026-06-01T00:00:00Z')): FakeClock {
  let now = start
  const timers = createEarliest<{ run: (() => void) | undefined }>()

  return {
    now: () => now,
    after(milliseconds, run) {
      const timer: { run: (() => void) | undefined } = { run }
      timers.add(now + Math.ceil(Math.max(0, milliseconds)), timer)
      return () => {
        timer.run = undefined
      }
    },
    async pass(milliseconds) {
      const end = now + milliseconds
      await setImmediate()
      for (let next = timers.first(); next !== undefined && next.at <= end; next = timers.first()) {
        timers.take()
        if (next.value.run === undefined) continue
        now = next.at
        next.value.run()
        await setImmediate()
      }
      now = end
    },
  }
}
