import type { Clock } from '../clock.ts'

/** Until when nobody waits for an environment that does not come up: while it crashes, and then longer each time. */
export interface Troubles {
  /** Milliseconds of the clock; undefined when nothing is amiss, or not for long enough to give up those who wait. */
  until(trouble: string | undefined): number | undefined
  /** It came up. */
  passed(): void
}

export interface TroublesOptions {
  readonly clock: Clock
  /** After a start that failed: how long until the next may be tried; doubled each time up to the second. */
  readonly circuitMs: readonly [number, number]
  /** What is amiss may pass by itself, as between two looks: only what lasts longer is a failure. */
  readonly patienceMs: number
  /** What was amiss has lasted: `until` tells. */
  readonly onLasting: () => void
}

export function createTroubles(options: TroublesOptions): Troubles {
  const { clock, patienceMs, onLasting } = options
  const [firstMs, longestMs] = options.circuitMs
  let failures = 0
  let openUntil: number | undefined
  /** Of what is amiss now: whether it counts yet, and how to wait no longer for that. */
  let standing: { isLasting: boolean; readonly cancel: () => void } | undefined

  function begin() {
    const begun = { isLasting: false, cancel: () => {} }
    begun.cancel = clock.after(patienceMs, () => {
      begun.isLasting = true
      openUntil = clock.now() + Math.min(firstMs * 2 ** failures, longestMs)
      failures += 1
      onLasting()
    })
    return begun
  }

  function end() {
    standing?.cancel()
    standing = undefined
  }

  return {
    until(trouble) {
      if (trouble === undefined) end()
      else standing ??= begin()
      return standing?.isLasting === true ? Number.POSITIVE_INFINITY : openUntil
    },
    passed() {
      end()
      failures = 0
      openUntil = undefined
    },
  }
}
