import { type RequestFacts, requestClasses } from '@pulse/gateway'

/**
 * Wakes of tenants whose workers run on while they rest: what these held of such a one in memory was let go, and its
 * first request loads it again. Nothing waits before that request, so the wake is as long as it takes.
 */
export interface WarmWakes {
  /** Nobody has used it for long, and its workers run. */
  rested(environment: string): void
  /** Milliseconds of the wake, if this request was one. */
  finished(request: RequestFacts): number | undefined
  forget(environment: string): void
}

/** Names beyond that are forgotten, the oldest first: their next request is not counted. */
const restingMax = 20_000

/** What only fetches a file, or asks whether it is alive, loads nothing. */
const loading = new Set(requestClasses.filter(({ activity }) => activity).map(({ name }) => name))

export function createWarmWakes(): WarmWakes {
  const resting = new Set<string>()
  return {
    rested(environment) {
      resting.add(environment)
      const [oldest] = resting
      if (resting.size > restingMax && oldest !== undefined) resting.delete(oldest)
    },
    finished({ environment = '', class: name, handled, status, durationMs }) {
      if (handled !== 'forwarded' || name === undefined || !loading.has(name)) return undefined
      return resting.delete(environment) && status < 500 ? durationMs : undefined
    },
    forget: (environment) => void resting.delete(environment),
  }
}
