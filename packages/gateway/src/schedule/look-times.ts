import type { Clock } from '../clock.ts'
import { createEarliest } from './earliest.ts'

/** A machine that slept, or whose clock was set, must not wait for a timer of before. */
const longestTimerMs = 15_000

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
    if (at === undefined) {
      timer = undefined
      return
    }
    const wait = Math.max(0, at - clock.now())
    timer = { at, cancel: clock.after(Math.min(wait, longestTimerMs), look) }
  }

  function look() {
    timer = undefined
    // A timer may come a part of a millisecond before its time.
    const now = clock.now() + 1
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
    plan(name, at) {
      if (at === undefined) {
        planned.delete(name)
        return
      }
      if (planned.get(name) === at) return
      planned.set(name, at)
      looks.add(at, name)
      clear()
      arm()
    },
    close: () => timer?.cancel(),
  }
}
