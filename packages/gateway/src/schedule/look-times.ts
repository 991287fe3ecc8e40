import type { Clock } from './clock.ts'
import { createEarliest } from './earliest.ts'

/** One moment for each name, and one timer for all of them. */
export interface LookTimes {
  /** In place of what was planned for this name; undefined plans nothing. */
  plan(name: string, at: number | undefined): void
  close(): void
}

export function createLookTimes(clock: Clock, onTime: (name: string) => void): LookTimes {
  const planned = new Map<string, number>()
  let looks = createEarliest<string>()
  let timer: { readonly at: number; readonly cancel: () => void } | undefined

  function arm() {
    const at = looks.first()?.at
    if (at === timer?.at) return
    timer?.cancel()
    timer = at === undefined ? undefined : { at, cancel: clock.after(at - clock.now(), look) }
  }

  function look() {
    timer = undefined
    const now = clock.now()
    for (let next = looks.first(); next !== undefined && next.at <= now; next = looks.first()) {
      looks.take()
      if (planned.get(next.value) !== next.at) continue
      planned.delete(next.value)
      onTime(next.value)
    }
    arm()
  }

  /** What was planned anew has left its old entry behind. */
  function clear() {
    if (looks.size <= 4 * planned.size + 16) return
    looks = createEarliest()
    for (const [name, at] of planned) looks.add(at, name)
  }

  return {
    plan(name, wanted) {
      if (wanted === undefined) {
        planned.delete(name)
        return
      }
      // Clocks count whole milliseconds: a part of one would come again and again just before its time.
      const at = Math.ceil(wanted)
      if (planned.get(name) === at) return
      planned.set(name, at)
      looks.add(at, name)
      clear()
      arm()
    },
    close: () => timer?.cancel(),
  }
}
