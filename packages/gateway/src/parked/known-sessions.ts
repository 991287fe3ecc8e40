/**
 * Sessions that are known to have been logged in, by what Odoo has said of them or because somebody has logged out of
 * them. That one has ended is not noted: only Odoo can tell, and each socket of it asks.
 */
export interface KnownSessions {
  note(environment: string, key: string): void
  has(environment: string, key: string): boolean
}

/** Anybody can log out of any number of sessions, whose keys they choose. */
export interface KnownSessionLimits {
  readonly perEnvironment: number
  readonly inAll: number
  /** Of a key. A longer one is none of Odoo's: those have some eighty. */
  readonly lengthMax: number
}

export const knownSessionLimits: KnownSessionLimits = {
  perEnvironment: 2_000,
  inAll: 20_000,
  lengthMax: 200,
}

/** Those beyond its limits are forgotten, the longest unnoted first, of the environment that has most. */
export function createKnownSessions(limits = knownSessionLimits): KnownSessions {
  const known = new Map<string, Set<string>>()
  let count = 0

  function forgetOldest(environment: string, sessions: Set<string>) {
    for (const oldest of sessions) {
      sessions.delete(oldest)
      count -= 1
      break
    }
    if (sessions.size === 0) known.delete(environment)
  }

  function forgetOneOfMost() {
    let most: readonly [string, Set<string>] | undefined
    for (const entry of known) if (entry[1].size > (most?.[1].size ?? 0)) most = entry
    if (most !== undefined) forgetOldest(...most)
  }

  return {
    note(environment, key) {
      if (key.length > limits.lengthMax) return
      const sessions = known.get(environment) ?? new Set()
      known.set(environment, sessions)
      if (!sessions.delete(key)) count += 1
      sessions.add(key)
      if (sessions.size > limits.perEnvironment) forgetOldest(environment, sessions)
      if (count > limits.inAll) forgetOneOfMost()
    },
    has: (environment, key) => known.get(environment)?.has(key) ?? false,
  }
}
