import { EnvironmentLife } from './environment-life.ts'
import type { LifeState } from './life-state.ts'
import type { Sight } from './waker.ts'

/** One environment, as whoever decides on a request needs to see it. */
export interface LifeView {
  readonly state: LifeState
  /** Requests that wait for it; a wake that somebody waits for is under way. */
  readonly held: number
  /** Nobody starts it before; infinite while its process is being restarted all along. */
  readonly failedUntil: number | undefined
  readonly sight: Sight
}

/** Of its life if it has one, else of what is seen; only one that is up gets a life for being looked at. */
export function viewOf(
  known: EnvironmentLife | Sight | undefined,
  lifeOf: () => EnvironmentLife | undefined,
): LifeView | undefined {
  if (known === undefined) return undefined
  if (known instanceof EnvironmentLife) return viewOfLife(known)
  if (known.service !== 'active') return viewAt(known.service, known)
  if (known.record.state === 'down') return viewAt('asleep', known)
  const life = lifeOf()
  return life && viewOfLife(life)
}

function viewOfLife({ state, life, sight }: EnvironmentLife): LifeView {
  return { state, held: life.held, failedUntil: life.failedUntil, sight }
}

function viewAt(state: LifeState, sight: Sight): LifeView {
  return { state, held: 0, failedUntil: undefined, sight }
}
