import { hasReason, keyOf, type Log, refOf } from '@pulse/api'
import { backOffMilliseconds } from './back-off.ts'
import type { Clock } from './clock.ts'
import type { ListResult, Objects } from './objects.ts'
import { pause, untilAborted } from './pause.ts'
import type { KindRef } from './watch-source.ts'

export interface RoundsOptions {
  readonly objects: Objects
  readonly kind: KindRef
  readonly add: (key: string) => void
  /** The first round waits for this. */
  readonly after?: Promise<unknown> | undefined
  /** Resolves when few of those that were added still wait. */
  readonly room: () => Promise<void>
  readonly hours: number
  readonly clock: Clock
  readonly log: Log
  /** In [0, 1). */
  readonly random: () => number
  readonly signal: AbortSignal
}

export interface Rounds {
  /** All objects once more, as fast as they are taken: changes may have been missed. */
  again(): void
}

/** No more are in memory for the sake of a round; what a pass reads it finds there, if it comes soon. */
const pageSize = 20
const backOff = { firstMilliseconds: 50, longestMilliseconds: 10_000 }

/**
 * Gives every object of a kind its turn: all of them at the start, as fast as they are taken, and from then on one after
 * the other, spread over hours. It remembers where it is, and no object.
 */
export function startRounds(options: RoundsOptions): Rounds {
  const { add, room, clock, random, signal } = options
  const hoursMilliseconds = options.hours * 3_600_000
  let asked = new AbortController()

  async function run() {
    await Promise.race([options.after, untilAborted(signal)])
    for (let isFast = true; !signal.aborted; isFast = asked.signal.aborted) {
      if (isFast) asked = new AbortController()
      const ends = AbortSignal.any([signal, asked.signal])
      const found = await round(options, { each: isFast ? addSoon : spread(ends), ends })
      if (isFast) await pause(hoursMilliseconds * random(), clock, ends)
      else if (found === 0) await pause(hoursMilliseconds, clock, ends)
    }
  }

  async function addSoon(key: string) {
    add(key)
    await room()
  }

  const spread = (ends: AbortSignal) => async (key: string, size: number) => {
    add(key)
    await pause(hoursMilliseconds / size, clock, ends)
  }

  void run()
  return { again: () => asked.abort() }
}

interface Turn {
  /** `size`: how many there are now. */
  readonly each: (key: string, size: number) => Promise<void>
  readonly ends: AbortSignal
}

/** The answer is how many there were. */
async function round(options: RoundsOptions, { each, ends }: Turn): Promise<number> {
  let count = 0
  let token: string | undefined
  do {
    const page = await nextPage(options, token, ends)
    const size = count + (page?.items.length ?? 0) + (page?.remainingItemCount ?? 0)
    for (const item of page?.items ?? []) {
      if (ends.aborted) return count
      count += 1
      await each(keyOf(refOf(item)), size)
    }
    token = page?.continue
  } while (token !== undefined && !ends.aborted)
  return count
}

/** Undefined when the round ends first. */
async function nextPage(
  { objects, kind, clock, log, random }: RoundsOptions,
  token: string | undefined,
  ends: AbortSignal,
): Promise<ListResult | undefined> {
  const query = { ...kind, limit: pageSize, isLoose: true }
  let from = token
  for (let failures = 0; !ends.aborted; ) {
    try {
      return await objects.list({ ...query, ...(from && { continue: from }) })
    } catch (error) {
      // Only of a store that knows no loose pages, and then whoever stands behind waits for a round that is fast enough.
      if (hasReason(error, 'Expired')) from = undefined
      failures += 1
      if (failures === 1) log.warn({ err: error, ...kind }, 'objects not listed, trying again')
      await pause(backOffMilliseconds(failures, random(), backOff), clock, ends)
    }
  }
  return undefined
}
