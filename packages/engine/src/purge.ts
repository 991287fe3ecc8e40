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
  /** Ordered by expiry, the first to expire first; a bounded number. */
  next(): Promise<readonly Tombstone[]>
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

/** Drops what has expired, one after the other, for as long as the signal lasts. Resolves after it. */
export async function runPurge({ tombstones, clock, log, signal }: PurgeOptions): Promise<void> {
  while (!signal.aborted) {
    const wait = await purge()
    await pause(wait, clock, signal)
  }

  async function purge(): Promise<number> {
    try {
      const first = await tombstones.next()
      for (const tombstone of first) {
        const left = tombstone.expiresAt.getTime() - clock.now().getTime()
        if (left > 0) return Math.min(left, longestWaitMilliseconds)
        if (signal.aborted) return 0
        await tombstones.drop(tombstone, signal)
        log.info({ tombstone: tombstone.id, expiresAt: tombstone.expiresAt }, 'tombstone dropped')
      }
      // All of these are dropped: there may be more behind them.
      return first.length > 0 ? 0 : longestWaitMilliseconds
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error }, 'purge failed, trying again later')
      return afterFailureMilliseconds
    }
  }
}
