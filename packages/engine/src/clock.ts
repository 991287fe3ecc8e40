/** Time as the engine sees it: handed in, so that tests move it by hand. */
export interface Clock {
  now(): Date
  /** Milliseconds since some moment, whatever people set the clock to: for how long something lasts. */
  elapsed(): number
  /** Runs once after so many milliseconds; the answer cancels it. */
  after(milliseconds: number, run: () => void): () => void
}

/** Node's timers hold a signed 32-bit number of milliseconds; a longer one would fire at once. */
const longestTimer = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => new Date(),
  elapsed: () => performance.now(),
  after(milliseconds, run) {
    let timer: NodeJS.Timeout
    const arm = (left: number) => {
      const step = Math.min(left, longestTimer)
      timer = setTimeout(() => (left > step ? arm(left - step) : run()), Math.max(0, step))
    }
    arm(milliseconds)
    return () => clearTimeout(timer)
  },
}
