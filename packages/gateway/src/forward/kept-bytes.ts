/** How much of all requests' bodies is kept at once, so that many uploads cannot take the gateway's memory. */
export interface KeptBytes {
  /** Whether that much more may be kept; what was taken has to be given back. */
  take(bytes: number): boolean
  giveBack(bytes: number): void
}

export function createKeptBytes(max: number): KeptBytes {
  let kept = 0
  return {
    take(bytes) {
      if (kept + bytes > max) return false
      kept += bytes
      return true
    },
    giveBack(bytes) {
      kept -= bytes
    },
  }
}
