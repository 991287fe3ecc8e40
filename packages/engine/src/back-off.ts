export interface BackOff {
  readonly firstMilliseconds: number
  readonly longestMilliseconds: number
}

/**
 * How long to wait after the nth failure in a row: doubling, with half of it random, so that what failed together
 * does not come back together. `random` is in [0, 1).
 */
export function backOffMilliseconds(failures: number, random: number, limits: BackOff): number {
  const { firstMilliseconds, longestMilliseconds } = limits
  const doubled = firstMilliseconds * 2 ** Math.min(Math.max(0, failures - 1), 40)
  const whole = Math.min(longestMilliseconds, doubled)
  return Math.round(whole / 2 + (whole / 2) * random)
}
