import type { Clock } from '../clock.ts'
import type { EnvironmentLife } from './environment-life.ts'

/** Environments that are no longer to be served, while requests are under way there. */
export interface Overstays {
  /** At each look at one that is awake. */
  note(life: EnvironmentLife): void
  forget(environment: string): void
}

/**
 * Tells of those whose requests are not over `afterMs` later. Whoever was let in before has had time to get the answer;
 * one that lasts as long as its client likes would keep a tenant running that is suspended.
 */
export function createOverstays(
  clock: Clock,
  afterMs: number,
  tell: (environment: string) => void,
): Overstays {
  const since = new Map<string, number>()
  return {
    note({ environment, life, sight }) {
      if (sight.service === 'active' || life.inFlight === 0) return void since.delete(environment)
      const begun = since.get(environment) ?? clock.now()
      since.set(environment, begun)
      if (clock.now() - begun >= afterMs) tell(environment)
    },
    forget: (environment) => void since.delete(environment),
  }
}
