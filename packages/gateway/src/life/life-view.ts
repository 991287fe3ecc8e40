import { EnvironmentLife } from './environment-life.ts'
import type { LifeState } from './life-state.ts'
import { isWanted } from './rules.ts'
import type { Sight } from './waker.ts'

/** One environment, as whoever decides on a request needs to see it. */
export interface LifeView {
  readonly state: LifeState
  /** Requests that wait for it. */
  readonly held: number
  /** A wake is under way, though perhaps nobody waits for it any more: whoever comes joins it. */
  readonly isWanted: boolean
  /** Nobody starts it before; infinite while its process is being restarted all along. */
  readonly failedUntil: number | undefined
  readonly sight: Sight
}

export interface Viewing {
  readonly now: number
  /** Makes it a life. */
  readonly lifeOf: () => EnvironmentLife | undefined
}

/** Of its life if it has one, else of what is seen; only one that is up gets a life for being looked at. */
export function viewOf(
  known: EnvironmentLife | Sight | undefined,
  { now, lifeOf }: Viewing,
): LifeView | undefined {
  if (known === undefined) return undefined
  if (known instanceof EnvironmentLife) return viewOfLife(known, now)
  if (known.service !== 'active') return viewAt(known.service, known)
  if (known.record.state === 'down') return viewAt('asleep', known)
  const life = lifeOf()
  return life && viewOfLife(life, now)
}

function viewOfLife({ state, life, sight }: EnvironmentLife, now: number): LifeView {
  const { held, failedUntil } = life
  return { state, held, isWanted: isWanted(life, now), failedUntil, sight }
}

function viewAt(state: LifeState, sight: Sight): LifeView {
  return { state, held: 0, isWanted: false, failedUntil: undefined, sight }
}
