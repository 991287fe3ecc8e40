import type { LifeAsk } from './waker.ts'

/** Orders by hand that are not carried out yet. Each counts once; only another time makes another order. */
export interface Asks {
  pending(environment: string, ask: LifeAsk, moment: AskMoment): 'wake' | 'sleep' | undefined
  /** What was pending is done. */
  done(environment: string): void
  /** Environments of which an order is remembered. */
  readonly size: number
}

/** Epoch milliseconds as people have them. */
export interface AskMoment {
  readonly now: number
  /** When this gateway started, by the clock as it is set now. */
  readonly startedAt: number
  /** When the environment was last woken, by any gateway. */
  readonly wokenAt: number | undefined
  /** The life of its process, as the record counts them. */
  readonly generation: number
}

type Order = Pick<LifeAsk, 'wakeAt' | 'sleepAt'>

interface Remembered {
  readonly latest: Order
  /** The life in which it was told of first: an order to sleep is meant for no later one. */
  readonly generation: number
  readonly done: Order | undefined
}

/** What was asked while no gateway ran is still carried out if it is not older than this. */
const freshMs = 60_000
/** For how long it is known that an order is done: its time alone tells for most of it that it has lapsed. */
const rememberedMs = 3_600_000
/** An order may have a time to come: beyond so many environments the one that was told of first is forgotten. */
const rememberedMax = 10_000

export function createAsks(): Asks {
  const memory = new Map<string, Remembered>()

  function remember(environment: string, latest: Order, moment: AskMoment): Remembered {
    const known = memory.get(environment)
    if (known === undefined) makeRoom(moment.now)
    const isKnown = known !== undefined && isSameOrder(known.latest, latest)
    const { generation } = isKnown ? known : moment
    const order = { latest, generation, done: known?.done }
    memory.set(environment, order)
    return order
  }

  /** Many of them are no more: nobody tells here who was deleted. */
  function makeRoom(now: number) {
    for (const [environment, { latest }] of memory) {
      if (isOld(latest, now) || memory.size >= rememberedMax) memory.delete(environment)
    }
  }

  return {
    pending(environment, { wakeAt, sleepAt }, moment) {
      const { now, startedAt, wokenAt = 0 } = moment
      const order = {
        ...(wakeAt !== undefined && { wakeAt }),
        ...(sleepAt !== undefined && { sleepAt }),
      }
      const known = isOld(order, now) ? undefined : remember(environment, order, moment)
      const before = known?.done
      // Its end, and the wake after it, may both have been missed here.
      const isForEarlierLife = known !== undefined && known.generation < moment.generation
      // A gateway that has just started knows of no order that is done; but one from before a wake is: it slept then.
      const isSettled = (at: number) => at <= startedAt && at <= wokenAt
      const isNew = (at: number | undefined, was: number | undefined) =>
        at !== undefined && at !== was && at > now - freshMs && !isSettled(at)
      const wakes = isNew(wakeAt, before?.wakeAt)
      const sleeps = isNew(sleepAt, before?.sleepAt) && !isForEarlierLife
      if (wakes && sleeps) return (wakeAt ?? 0) > (sleepAt ?? 0) ? 'wake' : 'sleep'
      if (wakes) return 'wake'
      return sleeps ? 'sleep' : undefined
    },
    done(environment) {
      const known = memory.get(environment)
      if (known !== undefined) memory.set(environment, { ...known, done: known.latest })
    },
    get size() {
      return memory.size
    },
  }
}

function isSameOrder(one: Order, other: Order): boolean {
  return one.wakeAt === other.wakeAt && one.sleepAt === other.sleepAt
}

function isOld({ wakeAt = 0, sleepAt = 0 }: Order, now: number): boolean {
  return Math.max(wakeAt, sleepAt) < now - rememberedMs
}
