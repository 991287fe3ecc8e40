import type { Life } from './life.ts'
import { type LifeDeps, limitOf } from './life-deps.ts'
import { isWanted } from './rules.ts'
import type { Sight } from './waker.ts'

export interface GoneCheckOptions {
  /** As it stands at this moment. */
  readonly life: () => Life
  /** What the store shows, whatever it is. */
  readonly onSight: (sight: Sight | undefined) => void
  readonly onGone: () => void
  /** It is not known to be gone, and is wanted. */
  readonly onDoubt: () => void
}

/**
 * Makes sure that nothing is left of an environment, one question at a time. Only the store can tell; what a watch
 * shows may be from before the sleep was decided.
 */
export function createGoneCheck(
  environment: string,
  deps: LifeDeps,
  { life, onSight, onGone, onDoubt }: GoneCheckOptions,
): () => Promise<void> {
  const { waker, clock, limits, log, questions, signal } = deps
  let isAsking = false

  async function askInTurn() {
    const leave = await questions.enter({ priority: 0, since: clock.now() })
    try {
      return await ask()
    } finally {
      leave()
    }
  }

  async function ask() {
    const decided = life().record
    const seen = await waker.look(environment, limitOf(deps, limits.storeTimeoutMs))
    onSight(seen)
    const isUnchanged = life().record === decided && life().writing === undefined
    return seen?.isGone === true && isUnchanged
  }

  return async () => {
    if (isAsking || signal.aborted) return
    isAsking = true
    try {
      if (await askInTurn()) return onGone()
    } catch (error) {
      if (signal.aborted) return
      log.warn({ err: error, environment }, 'cannot tell whether it still runs')
    } finally {
      isAsking = false
    }
    if (life().record.state === 'down' && isWanted(life(), clock.now())) onDoubt()
  }
}
