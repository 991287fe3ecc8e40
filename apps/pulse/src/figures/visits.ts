/** How often environments were asked for, and when last. */
export interface Visits {
  note(environment: string): void
  /** It is gone, or another one by now. */
  forget(environment: string): void
  of(environment: string): Visit | undefined
}

export interface Visit {
  /** Since the start of the gateway. */
  readonly requests: number
  /** Epoch milliseconds. */
  readonly lastAt: number
}

export function createVisits(now: () => number): Visits {
  const visits = new Map<string, { requests: number; lastAt: number }>()
  return {
    note(environment) {
      const known = visits.get(environment)
      if (known === undefined) return void visits.set(environment, { requests: 1, lastAt: now() })
      known.requests += 1
      known.lastAt = now()
    },
    forget: (environment) => void visits.delete(environment),
    of: (environment) => visits.get(environment),
  }
}
