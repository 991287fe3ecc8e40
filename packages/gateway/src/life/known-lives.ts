import type { EnvironmentLife } from './environment-life.ts'
import type { Sight, Waker } from './waker.ts'

/** The lives that are remembered: of those who are up or wanted, and of those that have failed. */
export interface KnownLives {
  get(environment: string): EnvironmentLife | undefined
  /** Made when it is first asked for; undefined for one that nobody knows. */
  of(environment: string): EnvironmentLife | undefined
  /** None is made for one that sleeps and of which nothing is asked. */
  ofAwake(environment: string): EnvironmentLife | undefined
  /** All that are not asleep. */
  readonly up: Iterable<string>
  stirs(environment: string): void
  /** It sleeps, or is no more. */
  rests(environment: string): void
  /** It is no more, or another one by now: of one at rest, how often it has failed is no matter of that one's. */
  forget(environment: string): void
  /** All are forgotten. */
  close(): void
}

export function createKnownLives(
  { see }: Pick<Waker, 'see'>,
  make: (environment: string, sight: Sight) => EnvironmentLife,
): KnownLives {
  const lives = new Map<string, EnvironmentLife>()
  const up = new Set<string>()

  function of(environment: string): EnvironmentLife | undefined {
    const known = lives.get(environment)
    if (known !== undefined) return known
    const sight = see(environment)
    if (sight === undefined) return undefined
    const life = make(environment, sight)
    lives.set(environment, life)
    up.add(environment)
    life.note()
    return life
  }

  /** How often it has failed is not forgotten while it is there: that is what its next start waits for. */
  const isRemembered = (environment: string) =>
    lives.get(environment)?.life.failedUntil !== undefined && see(environment) !== undefined

  function drop(environment: string) {
    lives.get(environment)?.end()
    lives.delete(environment)
  }

  return {
    get: (environment) => lives.get(environment),
    of,
    ofAwake: (environment) =>
      !lives.has(environment) && isAtRest(see(environment)) ? undefined : of(environment),
    up,
    stirs: (environment) => void up.add(environment),
    rests(environment) {
      up.delete(environment)
      if (!isRemembered(environment)) drop(environment)
    },
    forget(environment) {
      if (!up.has(environment)) drop(environment)
    },
    close() {
      for (const life of lives.values()) life.end()
    },
  }
}

/** Nothing has to be done about it: it sleeps, and nobody has asked for anything. */
function isAtRest(sight: Sight | undefined): boolean {
  return sight === undefined || (sight.record.state === 'down' && sight.ask === undefined)
}
