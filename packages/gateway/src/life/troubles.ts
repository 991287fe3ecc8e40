/** Until when nobody waits for an environment that does not come up: while it crashes, and then longer each time. */
export interface Troubles {
  /** Epoch milliseconds; undefined when nothing is amiss. */
  until(trouble: string | undefined, now: number): number | undefined
  /** It came up. */
  passed(): void
}

export function createTroubles([firstMs, longestMs]: readonly [number, number]): Troubles {
  let failures = 0
  let isStanding = false
  let openUntil: number | undefined
  return {
    until(trouble, now) {
      if (trouble === undefined) {
        isStanding = false
        return openUntil
      }
      if (!isStanding) {
        openUntil = now + Math.min(firstMs * 2 ** failures, longestMs)
        failures += 1
      }
      isStanding = true
      return Number.POSITIVE_INFINITY
    },
    passed() {
      failures = 0
      isStanding = false
      openUntil = undefined
    },
  }
}
