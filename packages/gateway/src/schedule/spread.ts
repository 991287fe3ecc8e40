/** The moments of a crowd, one after the other and `gapMs` apart. */
export function createPacer(gapMs: number): (now: number) => number {
  let free = Number.NEGATIVE_INFINITY
  return (now) => {
    const at = Math.max(now, free)
    free = at + gapMs
    return at
  }
}

/** Below `mostMs`: always the same for one name (FNV-1a), and even over many. */
export function jitterOf(name: string, mostMs: number): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < name.length; index += 1) {
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193)
  }
  return ((hash >>> 0) % 1_000) * (mostMs / 1_000)
}
