import type { Clock } from './clock.ts'

/** Keys with a time at which something is to be done; the earliest time asked for counts. */
export interface Alarms {
  set(key: string, time: Date): void
  /** Also when there is none. */
  cancel(key: string): void
  cancelAll(): void
}

/** How soon it is noticed that the clock was set forward; what is due by it is then done. */
const lookEveryMs = 60_000
/** Less is how clocks are kept right all the time. */
const jumpMs = 1_000

/**
 * A clock that is set back makes nobody wait longer: what was to come in an hour comes in an hour. One that is set
 * forward brings what is due by it.
 */
export function createAlarms(clock: Clock, ring: (key: string) => void): Alarms {
  /** `at`: by the clock that nobody sets. */
  const alarms = new Map<string, { readonly at: number; readonly cancel: () => void }>()
  let ahead = aheadOf(clock)
  let cancelLook: (() => void) | undefined

  function cancel(key: string) {
    alarms.get(key)?.cancel()
    alarms.delete(key)
  }

  function arm(key: string, at: number) {
    alarms.get(key)?.cancel()
    const rings = clock.after(at - clock.elapsed(), () => {
      alarms.delete(key)
      ring(key)
    })
    alarms.set(key, { at, cancel: rings })
    if (cancelLook === undefined) {
      ahead = aheadOf(clock)
      cancelLook = clock.after(lookEveryMs, look)
    }
  }

  function look() {
    cancelLook = undefined
    const jump = aheadOf(clock) - ahead
    const isForward = jump > jumpMs
    for (const [key, { at }] of [...alarms]) {
      // Arming is what keeps looking; nobody looks while nothing waits.
      if (isForward || cancelLook === undefined) arm(key, isForward ? at - jump : at)
    }
  }

  return {
    set(key, time) {
      const at = clock.elapsed() + time.getTime() - clock.now().getTime()
      const earlier = alarms.get(key)
      if (earlier && earlier.at <= at) return
      arm(key, at)
    },
    cancel,
    cancelAll() {
      for (const key of alarms.keys()) cancel(key)
      cancelLook?.()
      cancelLook = undefined
    },
  }
}

function aheadOf(clock: Clock): number {
  return clock.now().getTime() - clock.elapsed()
}
