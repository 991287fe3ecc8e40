/** Time as the scheduler sees it: handed in, so that a test can let a week pass. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number
  /** Runs once after so many milliseconds; the answer cancels it. */
  after(milliseconds: number, run: () => void): () => void
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(milliseconds, run) {
    const timer = setTimeout(run, Math.max(0, milliseconds))
    return () => clearTimeout(timer)
  },
}
