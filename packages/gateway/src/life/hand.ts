import type { Clock } from '../clock.ts'
import { createAsks } from './asks.ts'
import type { EnvironmentLife } from './environment-life.ts'

/** What keeps environments awake or sends them to sleep besides their users: people's orders, and schedules. */
export interface Hand {
  /** Carries out an order to wake; true when it is to sleep. */
  heed(life: Pick<EnvironmentLife, 'environment' | 'sight' | 'state'>): boolean
  /** It sleeps, whoever wanted it: who comes from now on wakes it in spite of the order. */
  slept(environment: string): void
  keepAwake(environment: string, until: number): void
  isKeptAwake(life: Pick<EnvironmentLife, 'environment' | 'sight'>): boolean
  forget(environment: string): void
}

export interface HandOptions {
  readonly clock: Clock
  /** Epoch milliseconds, as people's orders have them: after this machine's time was set, not those of its clock. */
  readonly epoch: () => number
  readonly wake: (environment: string) => void
}

export function createHand({ clock, epoch, wake }: HandOptions): Hand {
  const asks = createAsks()
  const begunAt = clock.now()
  const until = new Map<string, number>()

  return {
    heed({ environment, sight: { ask, record }, state }) {
      if (ask === undefined) return false
      const wantsAwake = (ask.awakeUntil ?? 0) > epoch() && state === 'asleep'
      const { wokenAt, generation } = record
      const now = epoch()
      const startedAt = now - (clock.now() - begunAt)
      const moment = { now, startedAt, wokenAt, generation }
      const order = asks.pending(environment, ask, moment) ?? (wantsAwake ? 'wake' : undefined)
      if (order === 'wake') {
        asks.done(environment)
        wake(environment)
      }
      // Who comes while it is stopping has come after the order, and wakes it.
      const isDone = order === 'sleep' && (state === 'asleep' || state === 'stopping')
      if (isDone) asks.done(environment)
      return order === 'sleep' && !isDone
    },
    slept: asks.done,
    keepAwake(environment, time) {
      until.set(environment, Math.max(time, until.get(environment) ?? 0))
    },
    isKeptAwake({ environment, sight }) {
      const isAsked = epoch() < (sight.ask?.awakeUntil ?? 0)
      return isAsked || clock.now() < (until.get(environment) ?? 0)
    },
    forget: (environment) => void until.delete(environment),
  }
}
