/** Bytes that sockets may keep in memory, bounded for each environment and in all. */
export interface MemoryBudget {
  /** Takes them if there is room; nothing is taken otherwise. Negative gives back. */
  take(environment: string, bytes: number): boolean
  hasRoom(environment: string, bytes: number): boolean
  readonly bytes: number
}

export function createMemoryBudget(limits: {
  readonly memoryBytesPerEnvironment: number
  readonly memoryBytes: number
}): MemoryBudget {
  const taken = new Map<string, number>()
  let total = 0

  function hasRoom(environment: string, bytes: number): boolean {
    const own = (taken.get(environment) ?? 0) + bytes
    return own <= limits.memoryBytesPerEnvironment && total + bytes <= limits.memoryBytes
  }

  return {
    hasRoom,
    take(environment, bytes) {
      if (bytes > 0 && !hasRoom(environment, bytes)) return false
      const own = (taken.get(environment) ?? 0) + bytes
      total += bytes
      if (own > 0) taken.set(environment, own)
      else taken.delete(environment)
      return true
    },
    get bytes() {
      return total
    },
  }
}
