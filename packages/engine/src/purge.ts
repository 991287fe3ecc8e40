import type { Log } from '@pulse/api'
import type { Clock } from './clock.ts'
import { pause } from './pause.ts'

/** What a deleted tenant leaves behind until its retention ends. */
export interface Tombstone {
  readonly id: string
  readonly expiresAt: Date
}

/** Where tombstones are kept; the app gives the one that knows databases and filestores. */
export interface Tombstones {
  /** The first to expire, in that order, at most so many. */
  next(limit: number): Promise<readonly Tombstone[]>
  /** Destroys for good. Safe to repeat: the record of it goes last. */
  drop(tombstone: Tombstone, signal: AbortSignal): Promise<void>
}

export interface PurgeOptions {
  readonly tombstones: Tombstones
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

/** New tombstones expire in days: looking this often misses none by more than an hour. */
const longestWaitMilliseconds = 3_600_000
const afterFailureMilliseconds = 300_000

const batch = 100

/**
 * Drops what has expired, one after the other, for as long as the signal lasts. What cannot be dropped is tried again
 * later and holds up nothing behind it. Resolves after the signal.
 */
export async function runPurge({ tombstones, clock, log, signal }: PurgeOptions): Promise<void> {
  /** When what could not be dropped is tried again, by id. */
  const postponed = new Map<string, number>()

  while (!signal.aborted) {
    const wait = await purge()
    if (wait > 0) await pause(wait, clock, signal)
  }

  async function purge(): Promise<number> {
    // The postponed are among the first: so there is always room for a batch that is new.
    const limit = batch + postponed.size
    try {
      const first = await tombstones.next(limit)
      const wait = await dropExpired(first)
      return wait ?? (first.length < limit ? untilRetry() : 0)
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error }, 'tombstones not read, trying again later')
      return afterFailureMilliseconds
    }
  }

  /** The answer is how long the rest has to wait; undefined when all of these are done with. */
  async function dropExpired(first: readonly Tombstone[]): Promise<number | undefined> {
    const known = new Set(first.map(({ id }) => id))
    for (const id of postponed.keys()) if (!known.has(id)) postponed.delete(id)
    for (const tombstone of first) {
      const now = clock.now().getTime()
      const left = tombstone.expiresAt.getTime() - now
      if (left > 0) return Math.min(left, untilRetry())
      if (signal.aborted) return 0
      if ((postponed.get(tombstone.id) ?? 0) > now) continue
      await drop(tombstone)
    }
    return undefined
  }

  async function drop(tombstone: Tombstone): Promise<void> {
    const { id, expiresAt } = tombstone
    try {
      await tombstones.drop(tombstone, signal)
      postponed.delete(id)
      log.info({ tombstone: id, expiresAt }, 'tombstone dropped')
    } catch (error) {
      postponed.set(id, clock.now().getTime() + afterFailureMilliseconds)
      if (!signal.aborted) {
        log.warn({ err: error, tombstone: id }, 'tombstone not dropped, trying again later')
      }
    }
  }

  function untilRetry(): number {
    const now = clock.now().getTime()
    return Math.max(0, Math.min(now + longestWaitMilliseconds, ...postponed.values()) - now)
  }
}
