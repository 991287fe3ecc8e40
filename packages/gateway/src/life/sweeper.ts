import type { Log } from '@pulse/api'
import type { Clock } from '../clock.ts'
import type { EnvironmentLife } from './environment-life.ts'
import type { Hand } from './hand.ts'
import type { Life } from './life.ts'
import type { LifeLimits } from './life-limits.ts'
import { createOverstays } from './overstays.ts'
import { createRefusedSleeps, type RefusedSleep } from './refused-sleeps.ts'
import { isWanted } from './rules.ts'

export interface SweeperOptions {
  readonly clock: Clock
  readonly random: () => number
  readonly limits: LifeLimits
  readonly log: Log
  readonly hand: Hand
  /** Whether something besides its users keeps it awake. */
  readonly isKept: (life: EnvironmentLife) => boolean
  /** All that are not asleep. */
  readonly up: Iterable<string>
  readonly lifeOf: (environment: string) => EnvironmentLife | undefined
  /** It lives in shared workers and nobody has used it for long. */
  readonly onRest: (environment: string) => void
  readonly onRefusedSleep?: (refused: RefusedSleep) => void
  /** It is not to be served any more, and its requests do not end by themselves. */
  readonly onOverstay?: (environment: string) => void
  /** It sleeps, or is no more: nothing has to be remembered. */
  readonly forget: (environment: string) => void
}

/** Looks from time to time at all that are awake; puts a few at a time to sleep. The answer ends it. */
export function startSweeper(options: SweeperOptions): () => void {
  const { clock, random, limits, log, hand, isKept } = options
  const refusedSleeps = createRefusedSleeps(clock, (facts) => options.onRefusedSleep?.(facts))
  const overstays = createOverstays(clock, limits.overstayMs, (environment) =>
    options.onOverstay?.(environment),
  )
  let hasEnded = false
  let cancel = () => {}

  function forget(environment: string) {
    refusedSleeps.forget(environment)
    overstays.forget(environment)
    options.forget(environment)
  }

  function sweep() {
    let begun = 0
    for (const environment of options.up) {
      try {
        if (lookAt(environment)) begun += 1
      } catch (error) {
        // The others sleep all the same.
        log.error({ err: error, environment }, 'sweep failed')
      }
      if (begun >= limits.sleepsPerSweep) return
    }
  }

  /** True when it has begun to put it to sleep. */
  function lookAt(environment: string): boolean {
    const life = options.lifeOf(environment)
    if (life === undefined || isOver(life)) {
      forget(environment)
      return false
    }
    const isOrdered = hand.heed(life)
    refusedSleeps.note(life, isOrdered)
    overstays.note(life)
    return consider(life, isOrdered)
  }

  /** It sleeps; or it was deleted, and whoever comes later under its name is another one. */
  function isOver({ isMissing, life }: EnvironmentLife): boolean {
    const isUsed = life.inFlight > 0 || isWanted(life, clock.now())
    return !isUsed && (isMissing || isAsleep(life))
  }

  function consider(life: EnvironmentLife, isOrdered: boolean): boolean {
    const isAsked = isOrdered || life.sight.service !== 'active'
    if (life.state !== 'awake') life.note()
    // One that others put to sleep is woken here, and that is all.
    if (life.sight.idleMs === undefined) return rest(life)
    if (!isAsked && isKept(life)) return false
    const before = life.life.writing
    life.sweep(isAsked)
    return before === undefined && life.life.writing?.state === 'draining'
  }

  /** In shared workers: what they hold of it in memory has been let go by now. */
  function rest(life: EnvironmentLife): false {
    const { inFlight, held, lastActivity } = life.life
    const isIdle = inFlight === 0 && held === 0 && clock.now() >= lastActivity + limits.restMs
    if (isIdle && !isKept(life)) {
      options.onRest(life.environment)
      forget(life.environment)
    }
    return false
  }

  function later() {
    cancel = clock.after(limits.sweepMs * (0.5 + random()), () => {
      sweep()
      if (!hasEnded) later()
    })
  }

  later()
  return () => {
    hasEnded = true
    cancel()
  }
}

function isAsleep({ record, backend, writing }: Life): boolean {
  return record.state === 'down' && backend.status === 'gone' && writing === undefined
}
