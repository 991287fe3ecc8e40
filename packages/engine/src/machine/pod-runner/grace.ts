import type { Clock } from '../../clock.ts'

/** What is no longer in the store has nobody left who waits for what it does. */
export const goneGraceSeconds = 60

/** The time that a container has left once its end has been ordered. A later order may only hasten it. */
export interface Grace extends Disposable {
  /** Aborted when the time is over. */
  readonly over: AbortSignal
  /** Not longer than this from now. */
  shorten(seconds: number): void
}

export function createGrace(clock: Clock): Grace {
  const controller = new AbortController()
  let end = Number.POSITIVE_INFINITY
  let cancel: () => void = () => {}

  return {
    over: controller.signal,
    shorten(seconds) {
      const next = clock.elapsed() + seconds * 1000
      if (next >= end) return
      end = next
      cancel()
      if (seconds <= 0) controller.abort()
      else cancel = clock.after(seconds * 1000, () => controller.abort())
    },
    // What has ended in time leaves no timer behind, which would hold up the end of Pulse.
    [Symbol.dispose]: () => cancel(),
  }
}
