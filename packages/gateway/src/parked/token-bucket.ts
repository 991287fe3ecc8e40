/** Lets so many pass in a second and saves up no more than one second's worth. */
export interface TokenBucket {
  take(now: number): boolean
  /** Milliseconds until `take` would succeed. */
  waitFor(now: number): number
  /** Nothing has been taken for so long that a new bucket would be its equal. */
  isFull(now: number): boolean
}

export function createTokenBucket(perSecond: number, start: number): TokenBucket {
  const capacity = Math.max(1, perSecond)
  let tokens = capacity
  let filled = start

  function fill(now: number) {
    tokens = Math.min(capacity, tokens + ((now - filled) * perSecond) / 1000)
    filled = now
  }

  return {
    take(now) {
      fill(now)
      if (tokens < 1) return false
      tokens -= 1
      return true
    },
    waitFor(now) {
      fill(now)
      return tokens >= 1 ? 0 : Math.ceil(((1 - tokens) * 1000) / perSecond)
    },
    isFull(now) {
      fill(now)
      return tokens === capacity
    },
  }
}
