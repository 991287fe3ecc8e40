/**
 * Sessions that are known to have been logged in, by what Odoo has said of them or because somebody has logged out of
 * them. That one has ended is not noted: only Odoo can tell, and each socket of it asks.
 */
export interface KnownSessions {
  note(environment: string, key: string): void
  has(environment: string, key: string): boolean
}

/** Some hundred bytes each; those beyond are forgotten, the longest unnoted first. */
const sessionsMax = 20_000

export function createKnownSessions(): KnownSessions {
  const known = new Set<string>()
  const nameOf = (environment: string, key: string) => `${environment}\n${key}`
  return {
    note(environment, key) {
      const name = nameOf(environment, key)
      known.delete(name)
      known.add(name)
      for (const oldest of known) {
        if (known.size <= sessionsMax) break
        known.delete(oldest)
      }
    },
    has: (environment, key) => known.has(nameOf(environment, key)),
  }
}
