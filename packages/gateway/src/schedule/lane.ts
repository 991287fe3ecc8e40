import type { Clock } from '../clock.ts'
import { createEarliest } from './earliest.ts'

export interface LaneOptions {
  readonly clock: Clock
  readonly atOnce: number
  /** Between two starts. */
  readonly gapMs?: number
}

/** Work that waits for its turn: what is owed longest goes first, and only so much at once. */
export interface Lane {
  /** `start` must not reject. */
  add(owedAt: number, start: () => Promise<void>): void
  /** Lets go what has not begun. */
  close(): void
  readonly waiting: number
}

export function createLane({ clock, atOnce, gapMs = 0 }: LaneOptions): Lane {
  let waiting = createEarliest<() => Promise<void>>()
  let running = 0
  let mayStartAt = Number.NEGATIVE_INFINITY
  let cancel: (() => void) | undefined

  function start() {
    while (running < atOnce && waiting.size > 0) {
      const now = clock.now()
      if (now < mayStartAt) {
        cancel ??= clock.after(mayStartAt - now, () => {
          cancel = undefined
          start()
        })
        return
      }
      mayStartAt = now + gapMs
      running += 1
      void waiting.take()?.value().finally(finished)
    }
  }

  function finished() {
    running -= 1
    start()
  }

  return {
    add(owedAt, work) {
      waiting.add(owedAt, work)
      start()
    },
    close() {
      cancel?.()
      waiting = createEarliest()
    },
    get waiting() {
      return waiting.size
    },
  }
}
