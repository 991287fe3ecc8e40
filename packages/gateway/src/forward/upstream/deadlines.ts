/** Something that may take until its deadline, in the milliseconds of `performance.now()`; Infinity for no limit. */
export interface Timed {
  readonly deadline: number
  onLate(): void
}

export interface Deadlines {
  add(timed: Timed): void
  delete(timed: Timed): void
}

/**
 * Looks at all deadlines in turn, so that a request costs a number instead of a timer. Late is late by up to one tick.
 * The clock stands still while there is nothing to look at.
 */
export function createDeadlines(tickMs: number): Deadlines {
  const all = new Set<Timed>()
  let ticking: NodeJS.Timeout | undefined

  function tick() {
    const now = performance.now()
    for (const timed of all) {
      if (timed.deadline <= now) timed.onLate()
    }
    if (all.size > 0) return
    clearInterval(ticking)
    ticking = undefined
  }

  return {
    add(timed) {
      all.add(timed)
      ticking ??= setInterval(tick, tickMs).unref()
    },
    delete: (timed) => void all.delete(timed),
  }
}
