import type { Clock } from '../clock.ts'

/** How fast those who waited are let go: no more at a time than the workers take, and nobody while it rests. */
export interface Ramp {
  hasRoom(concurrency: number): boolean
  enter(): void
  /** `isThrough`: a process has taken it. */
  leave(isThrough: boolean): void
  /** A request came back that no process has taken: a pause, longer each time until one gets through. */
  rest(): void
}

export interface RampOptions {
  readonly clock: Clock
  /** The first pause and the longest. */
  readonly retryMs: readonly [number, number]
  readonly onReady: () => void
}

export function createRamp({ clock, retryMs, onReady }: RampOptions): Ramp {
  const [firstMs, longestMs] = retryMs
  let entered = 0
  let pauseMs = firstMs
  let isResting = false
  return {
    hasRoom: (concurrency) => !isResting && entered < concurrency,
    enter() {
      entered += 1
    },
    leave(isThrough) {
      entered -= 1
      if (isThrough) pauseMs = firstMs
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
