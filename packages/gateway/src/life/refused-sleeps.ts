import type { Clock } from '../clock.ts'
import type { EnvironmentLife } from './environment-life.ts'

/** An environment that was told to sleep by hand, and why it has not begun to. */
export interface RefusedSleep {
  readonly environment: string
  /** `busy`: requests are under way or wait; `sleepless`: it never sleeps; `unready`: it is not up itself yet. */
  readonly because: 'busy' | 'sleepless' | 'unready'
  readonly inFlight: number
  readonly held: number
}

/** Orders to sleep that are not carried out yet. */
export interface RefusedSleeps {
  /** At each look at one that is awake; `isOrdered`: somebody has told it to sleep. */
  note(life: EnvironmentLife, isOrdered: boolean): void
  forget(environment: string): void
}

/** Requests end by themselves within this: only what lasts longer is worth a word. */
const firstMs = 3_000

/** Tells of orders to sleep that are not carried out: after some seconds, then each time twice as late. */
export function createRefusedSleeps(
  clock: Clock,
  tell: (refused: RefusedSleep) => void,
): RefusedSleeps {
  const orders = new Map<string, { readonly since: number; tellAfterMs: number }>()
  return {
    note({ environment, life, sight }, isOrdered) {
      const isBegun = life.record.state !== 'up' || life.writing !== undefined
      if (!isOrdered || isBegun) {
        // One that begins and is called off again was delayed all the while.
        if (!isOrdered || life.record.state === 'down') orders.delete(environment)
        return
      }
      const order = orders.get(environment) ?? { since: clock.now(), tellAfterMs: firstMs }
      orders.set(environment, order)
      if (clock.now() - order.since < order.tellAfterMs) return
      order.tellAfterMs *= 2
      const { inFlight, held } = life
      const isBusy = inFlight + held > 0
      const because = sight.idleMs === undefined ? 'sleepless' : isBusy ? 'busy' : 'unready'
      tell({ environment, because, inFlight, held })
    },
    forget: (environment) => void orders.delete(environment),
  }
}
