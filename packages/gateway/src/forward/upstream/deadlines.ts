/** Something that may take until its deadline, in the time of its `Deadlines`; Infinity for no limit. */
export interface Timed {
  readonly deadline: number
  onLate(): void
}

export interface Deadlines {
  /** The deadline of what may take this long from now. */
  after(ms: number): number
  add(timed: Timed): void
  delete(timed: Timed): void
}

/**
 * Looks at all deadlines in turn, so that a request costs a few numbers instead of timers; its clock is read once a
 * tick. Nothing is late too early, and late by up to two ticks. It stands still while there is nothing to look at.
 */
export function createDeadlines(tickMs: number): Deadlines {
  const all = new Set<Timed>()
  let now = performance.now()
  let ticking: NodeJS.Timeout | undefined

  function tick() {
    now = performance.now()
    for (const timed of all) {
      if (timed.deadline <= now) timed.onLate()
    }
    if (all.size > 0) return
    clearInterval(ticking)
    ticking = undefined
  }

  return {
    after: (ms) => now + tickMs + ms,
    add(timed) {
      all.add(timed)
      if (ticking) return
      now = performance.now()
      ticking = setInterval(tick, tickMs).unref()
    },
    delete: (timed) => void all.delete(timed),
  }
}
