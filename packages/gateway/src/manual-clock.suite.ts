import type { Clock } from './clock.ts'

/** A clock that stands still until it is told to go on. */
export interface ManualClock extends Clock {
  /** Goes to the next timer and runs it; false when there is none. What it sets off is done before it resolves. */
  next(): Promise<boolean>
  /** Runs all timers up to so many milliseconds from now. */
  advance(milliseconds: number): Promise<void>
}

interface Timer {
  readonly at: number
  readonly order: number
  readonly run: () => void
}

export function createManualClock(start = 1_000_000): ManualClock {
  const timers = createHeap()
  const cancelled = new Set<Timer>()
  let now = start
  let order = 0

  function upcoming(): Timer | undefined {
    for (let first = timers.first(); first && cancelled.has(first); first = timers.first()) {
      cancelled.delete(first)
      timers.take()
    }
    return timers.first()
  }

  async function next() {
    const timer = upcoming()
    if (timer === undefined) return false
    timers.take()
    now = Math.max(now, timer.at)
    timer.run()
    await settled()
    return true
  }

  return {
    now: () => now,
    after(milliseconds, run) {
      order += 1
      const timer = { at: now + Math.max(0, milliseconds), order, run }
      timers.add(timer)
      return () => {
        if (timer.at > now || timer === upcoming()) cancelled.add(timer)
      }
    },
    next,
    async advance(milliseconds) {
      const end = now + milliseconds
      await settled()
      for (let timer = upcoming(); timer && timer.at <= end; timer = upcoming()) await next()
      now = end
      await settled()
    },
  }
}

/** Everything that was promised and needs no timer is done. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** The earliest first, in the order in which they were set. */
function createHeap() {
  const items: Timer[] = []
  const isBefore = (one: Timer, other: Timer) =>
    one.at < other.at || (one.at === other.at && one.order < other.order)
  const swap = (a: number, b: number) => {
    const [one, other] = [items[a], items[b]]
    if (one && other) [items[a], items[b]] = [other, one]
  }
  const goesBefore = (a: number, b: number) => {
    const [one, other] = [items[a], items[b]]
    return one !== undefined && other !== undefined && isBefore(one, other)
  }
  return {
    first: (): Timer | undefined => items[0],
    add(timer: Timer) {
      items.push(timer)
      for (let at = items.length - 1; at > 0 && goesBefore(at, (at - 1) >> 1); at = (at - 1) >> 1) {
        swap(at, (at - 1) >> 1)
      }
    },
    take() {
      const last = items.pop()
      if (last === undefined || items.length === 0) return
      items[0] = last
      for (let at = 0; ; ) {
        const child = goesBefore(2 * at + 2, 2 * at + 1) ? 2 * at + 2 : 2 * at + 1
        if (!goesBefore(child, at)) return
        swap(child, at)
        at = child
      }
    },
  }
}
