import type { LifeState, WakeFacts } from '@pulse/gateway'
import type { SavedEnvironment, SavedFigures } from './saved-figures.ts'
import { addWake, type WakeTimes, wakeTimesByTemperature, wakeTimesOf } from './wake-times.ts'

/** What the gateway has seen of one environment's sleep; days are those of UTC. */
export interface EnvironmentFigures {
  readonly state: string
  /** Epoch milliseconds. */
  readonly since: number
  readonly wakesToday: number
  readonly awakeMsToday: number
  /** Of the last wakes, whenever they were. */
  readonly wakeTimes: WakeTimes | undefined
  /** The same, apart for each temperature from which it was woken. */
  readonly wakeTimesFrom: Readonly<Record<string, WakeTimes>>
}

/** How environments slept and woke: a few numbers for each, however often it does. */
export interface LifeFigures {
  /** What it does now; the answer is what it did before, if that is known. */
  told(environment: string, state: LifeState): string | undefined
  woke(facts: WakeFacts): void
  /** It is gone, or another one by now: the next one of its name begins anew. */
  forget(environment: string): void
  of(environment: string): EnvironmentFigures | undefined
  /** How many do what. */
  countStates(): ReadonlyMap<string, number>
  /** Milliseconds awake since the last call, of each that was; `isOver`: it has been asleep for long. */
  takeAwake(): readonly AwakeTime[]
  /** What is to be saved, one by one: of ten thousand at once the requests of a moment would have to wait. */
  toSave(): Iterable<readonly [string, SavedEnvironment]>
}

export interface AwakeTime {
  readonly environment: string
  readonly awakeMs: number
  readonly isOver: boolean
}

export interface LifeFiguresOptions {
  /** Epoch milliseconds. */
  readonly now: () => number
  /** What is deleted is not saved again. */
  readonly isKnown: (environment: string) => boolean
  /** Nothing of it is to run. */
  readonly isDown: (environment: string) => boolean
  readonly saved?: SavedFigures | undefined
}

interface Entry extends SavedEnvironment {
  /** Up to when awake time has been counted; undefined while it sleeps. */
  countedTo: number | undefined
  /** Awake time that nobody has taken yet. */
  untakenMs: number
  /** Undefined once it was told that the series is over, and before it began. */
  seriesEndsAt: number | undefined
}

const dayMs = 86_400_000
/** A scraper that comes once a minute has seen the last of a series by then. */
const seriesMs = 10 * 60_000

export function createLifeFigures(options: LifeFiguresOptions): LifeFigures {
  const { now, isKnown } = options
  const entries = savedEntries(options)
  /** Series of those that were forgotten, which whoever reads metrics is yet to be told of, and until when. */
  const ended = new Map<string, number>()

  function entryOf(environment: string): Entry {
    const known = entries.get(environment)
    if (known !== undefined) return known
    const entry = { ...newEntry(now()), state: untold }
    entries.set(environment, entry)
    return entry
  }

  const count = (entry: Entry) => countTo(now(), entry)

  return {
    told(environment, state) {
      const before = entries.get(environment)?.state
      const entry = entryOf(environment)
      count(entry)
      if (before !== state) {
        entry.state = state
        entry.since = now()
      }
      entry.countedTo = isAwake(state) ? now() : undefined
      return before === untold ? undefined : before
    },
    woke(facts) {
      const entry = entryOf(facts.environment)
      count(entry)
      entry.wakes += 1
      Object.assign(entry, addWake(entry, facts))
    },
    forget(environment) {
      const { seriesEndsAt } = entries.get(environment) ?? {}
      if (seriesEndsAt !== undefined) ended.set(environment, seriesEndsAt)
      entries.delete(environment)
    },
    of(environment) {
      const entry = entries.get(environment)
      if (entry === undefined) return undefined
      count(entry)
      const { state, since, wakes, awakeMs } = entry
      return {
        ...{ state, since, wakesToday: wakes, awakeMsToday: Math.round(awakeMs) },
        wakeTimes: wakeTimesOf(entry),
        wakeTimesFrom: wakeTimesByTemperature(entry),
      }
    },
    countStates() {
      const counts = new Map<string, number>()
      for (const { state } of entries.values()) counts.set(state, (counts.get(state) ?? 0) + 1)
      return counts
    },
    takeAwake() {
      const taken: AwakeTime[] = []
      for (const environment of ended.keys()) taken.push({ environment, awakeMs: 0, isOver: true })
      ended.clear()
      for (const [environment, entry] of entries) {
        count(entry)
        const { seriesEndsAt, untakenMs } = entry
        if (seriesEndsAt === undefined) continue
        const isOver = now() >= seriesEndsAt || !isKnown(environment)
        taken.push({ environment, awakeMs: untakenMs, isOver })
        entry.untakenMs = 0
        if (isOver) entry.seriesEndsAt = undefined
      }
      return taken
    },
    *toSave() {
      for (const [environment, until] of ended) if (now() >= until) ended.delete(environment)
      for (const [environment, entry] of entries) {
        count(entry)
        if (!isKnown(environment)) {
          // Nobody tells its end; whoever reads metrics may still take its last awake time.
          entry.countedTo = undefined
          if (now() >= (entry.seriesEndsAt ?? 0)) entries.delete(environment)
          continue
        }
        const { state, since, day, wakes, awakeMs, last, from = [] } = entry
        yield [environment, { state, since, day, wakes, awakeMs, last, from }]
      }
    },
  }
}

function savedEntries({ now, isDown, saved }: LifeFiguresOptions): Map<string, Entry> {
  const entries = new Map<string, Entry>()
  for (const [environment, entry] of Object.entries(saved?.environments ?? {})) {
    // Whether it was awake while no gateway ran, nobody knows.
    const fresh = newEntry(now())
    const hasStopped = isDown(environment) && running.includes(entry.state)
    const { state, since } = hasStopped ? fresh : entry
    entries.set(environment, { ...fresh, ...entry, state, since })
  }
  return entries
}

/** Brings the counts up to this time; what belongs to a day gone by is dropped. */
function countTo(at: number, entry: Entry) {
  const day = Math.floor(at / dayMs)
  if (day !== entry.day) {
    entry.day = day
    entry.wakes = 0
    entry.awakeMs = 0
  }
  if (entry.countedTo === undefined) return
  const passedMs = Math.max(0, at - entry.countedTo)
  entry.untakenMs += passedMs
  entry.awakeMs += Math.min(passedMs, at - day * dayMs)
  entry.countedTo = at
  entry.seriesEndsAt = at + seriesMs
}

/** Only wakes are told of a tenant of a pool, whose workers run whatever it does. */
const untold = 'untold'

/** States in which something of it runs. */
const running: readonly string[] = ['starting', 'awake', 'draining', 'stopping']

function newEntry(at: number): Entry {
  return {
    state: 'asleep',
    since: at,
    day: Math.floor(at / dayMs),
    wakes: 0,
    awakeMs: 0,
    last: [],
    countedTo: undefined,
    untakenMs: 0,
    seriesEndsAt: undefined,
  }
}

/** It could be used: what a customer pays for, and what costs memory. */
function isAwake(state: LifeState): boolean {
  return state === 'awake' || state === 'draining'
}
