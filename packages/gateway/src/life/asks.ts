import type { LifeAsk } from './waker.ts'

/** Orders by hand that are not carried out yet. Each counts once; only another time makes another order. */
export interface Asks {
  pending(environment: string, ask: LifeAsk, now: number): 'wake' | 'sleep' | undefined
  /** What was pending is done. */
  done(environment: string): void
}

type Order = Pick<LifeAsk, 'wakeAt' | 'sleepAt'>

/** What was asked while no gateway ran is still carried out if it is not older than this. */
const freshMs = 60_000

export function createAsks(): Asks {
  const done = new Map<string, Order>()
  const latest = new Map<string, Order>()
  return {
    pending(environment, { wakeAt, sleepAt }, now) {
      const before = done.get(environment)
      latest.set(environment, {
        ...(wakeAt !== undefined && { wakeAt }),
        ...(sleepAt !== undefined && { sleepAt }),
      })
      const isNew = (at: number | undefined, was: number | undefined) =>
        at !== undefined && at !== was && at > now - freshMs
      const wakes = isNew(wakeAt, before?.wakeAt)
      const sleeps = isNew(sleepAt, before?.sleepAt)
      if (wakes && sleeps) return (wakeAt ?? 0) > (sleepAt ?? 0) ? 'wake' : 'sleep'
      if (wakes) return 'wake'
      return sleeps ? 'sleep' : undefined
    },
    done(environment) {
      const orders = latest.get(environment)
      if (orders !== undefined) done.set(environment, orders)
    },
  }
}
