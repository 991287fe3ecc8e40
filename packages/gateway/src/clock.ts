/** Time as the gateway sees it: handed in, so that tests move it by hand. */
export interface Clock {
  /** Milliseconds, near those since 1970, that never go back: a clock that is set ends nobody's idle time. */
  now(): number
  /** Runs once after so many milliseconds; the answer cancels it. */
  after(milliseconds: number, run: () => void): () => void
}

/** This machine's monotonic time. */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  after(milliseconds, run) {
    const timer = setTimeout(run, milliseconds)
    return () => clearTimeout(timer)
  },
}
