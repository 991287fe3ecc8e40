import type { Clock } from '@pulse/engine'

/** A customer got a database and now waits for its first page: disk and processor are theirs for a while. */
export const restMs = 4_000
/** Under a stream of new tenants filling would never begin, so no rest is longer. */
const longestRestMs = 15_000

export interface Rest {
  /** A claim has ended. */
  begin(): void
  isOn(): boolean
}

/** Whether it is too soon after a claim to work ahead. */
export function createRest(clock: Clock): Rest {
  let first: number | undefined
  let last = 0
  return {
    begin() {
      last = clock.now().getTime()
      first ??= last
    },
    isOn() {
      if (first === undefined) return false
      const now = clock.now().getTime()
      if (now - last < restMs && now - first < longestRestMs) return true
      first = undefined
      return false
    },
  }
}
