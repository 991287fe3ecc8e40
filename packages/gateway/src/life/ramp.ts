import type { Clock } from '../clock.ts'

/** How fast those who waited are let go: no more at a time than the workers take, and nobody while it rests. */
export interface Ramp {
  hasRoom(concurrency: number): boolean
  /** One more is let go. */
  enter(): Place
  /** A request came back that no process has taken: a pause, longer each time until one gets through. */
  rest(): void
}

/**
 * One of as many as the workers take at a time. It is the next one's as soon as its request is through, and at the
 * latest after a while: the workers have their own queue, and a long answer is no reason for others to wait here.
 */
export interface Place {
  /** `isThrough`: a process has taken it. */
  leave(isThrough: boolean): void
}

export interface RampOptions {
  readonly clock: Clock
  /** The first pause and the longest. */
  readonly retryMs: readonly [number, number]
  /** How long one place is kept. */
  readonly placeMs: number
  /** Somebody can be let go again. */
  readonly onReady: () => void
}

export function createRamp({ clock, retryMs, placeMs, onReady }: RampOptions): Ramp {
  const [firstMs, longestMs] = retryMs
  let entered = 0
  let pauseMs = firstMs
  let isResting = false
  return {
    hasRoom: (concurrency) => !isResting && entered < concurrency,
    enter() {
      entered += 1
      let isKept = true
      const giveBack = () => {
        if (isKept) entered -= 1
        isKept = false
      }
      const cancel = clock.after(placeMs, () => {
        giveBack()
        onReady()
      })
      return {
        leave(isThrough) {
          cancel()
          giveBack()
          if (isThrough) pauseMs = firstMs
        },
      }
    },
    rest() {
      if (isResting) return
      isResting = true
      clock.after(pauseMs, () => {
        isResting = false
        onReady()
      })
      pauseMs = Math.min(pauseMs * 2, longestMs)
    },
  }
}
