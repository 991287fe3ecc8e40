import type { Clock } from './clock.ts'

/** Keys with a time at which something is to be done; the earliest time asked for counts. */
export interface Alarms {
  set(key: string, time: Date): void
  /** Also when there is none. */
  cancel(key: string): void
  cancelAll(): void
}

export function createAlarms(clock: Clock, ring: (key: string) => void): Alarms {
  const alarms = new Map<string, { readonly at: number; readonly cancel: () => void }>()

  function cancel(key: string) {
    alarms.get(key)?.cancel()
    alarms.delete(key)
  }

  return {
    set(key, time) {
      const at = time.getTime()
      const earlier = alarms.get(key)
      if (earlier && earlier.at <= at) return
      earlier?.cancel()
      const rings = clock.after(at - clock.now().getTime(), () => {
        alarms.delete(key)
        ring(key)
      })
      alarms.set(key, { at, cancel: rings })
    },
    cancel,
    cancelAll() {
      for (const key of alarms.keys()) cancel(key)
    },
  }
}
