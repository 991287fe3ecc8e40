import type { LifeEffect } from './life.ts'
import type { LifeDeps } from './life-deps.ts'
import type { LifeState } from './life-state.ts'
import { isSameRecord, type LifeRecord } from './record.ts'
import { createSettling } from './settling.ts'
import type { WakeCause, WakeFacts } from './wake-facts.ts'
import type { Standing } from './waker.ts'

type WriteEffect = Extract<LifeEffect, { readonly type: 'write' }>

/** Carries out one environment's writes; one that wakes it waits for a place among those that start. */
export interface Writing {
  begin(effect: WriteEffect): void
  /** Somebody else's word, heard meanwhile: a wish that still waits for its place may be over. */
  heard(standing: Standing): void
  /** Why it would be woken, if it is: what came first counts. */
  cause(cause: WakeCause): void
  note(state: LifeState): void
}

export interface WritingOptions {
  /** The outcome, whichever it is. */
  readonly onStanding: (standing: Standing) => void
  /** It can be served, after a wake of ours. */
  readonly onWoken: (wake: Pick<WakeFacts, 'cause' | 'durationMs' | 'signalMs'>) => void
  /** There are no workers to write to. */
  readonly onNothing: () => void
  readonly priority: () => number
}

export function createWriting(
  environment: string,
  deps: LifeDeps,
  { onStanding, onWoken, onNothing, priority }: WritingOptions,
): Writing {
  const { clock, limits } = deps
  const settle = createSettling(environment, deps, () => {
    // Others can start meanwhile.
    leavePlace()
    onNothing()
  })
  let firstCause: WakeCause | undefined
  let wantedSince: number | undefined
  let wokenFrom: number | undefined
  let signalMs: number | undefined
  let hear = (_standing: Standing) => {}
  let leavePlace = () => {}

  async function write({ expected, next }: WriteEffect) {
    const isWake = expected.state === 'down'
    const others = isWake ? await prepareWake(expected) : undefined
    if (others !== undefined) {
      forgetWake()
      return onStanding(others)
    }
    const standing = await settle({ expected, next })
    if (standing === undefined) return leavePlace()
    if (isWake) signalMs = clock.now() - (wantedSince ?? wokenFrom ?? clock.now())
    if (isWake && !isSameRecord(standing.record, next)) forgetWake()
    onStanding(standing)
  }

  /** Resolves when there is a place to start in; with what others have written meanwhile, if that makes it needless. */
  async function prepareWake(expected: LifeRecord): Promise<Standing | undefined> {
    wokenFrom = clock.now()
    const wish = { priority: priority(), since: wantedSince ?? clock.now() }
    const heard = Promise.withResolvers<Standing>()
    hear = (standing) => isSameRecord(standing.record, expected) || heard.resolve(standing)
    const entering = deps.places.enter(wish)
    const entered = await Promise.race([entering, heard.promise])
    hear = () => {}
    if (typeof entered !== 'function') {
      void entering.then((leave) => leave())
      return entered
    }
    const cancel = clock.after(limits.startPlaceMs, entered)
    leavePlace = () => {
      cancel()
      entered()
    }
    return undefined
  }

  function forgetWake() {
    wokenFrom = undefined
    signalMs = undefined
    firstCause = undefined
    wantedSince = undefined
    leavePlace()
  }

  return {
    begin: (effect) => void write(effect),
    heard: (standing) => hear(standing),
    cause(cause) {
      firstCause ??= cause
      wantedSince ??= clock.now()
    },
    note(state) {
      if (state === 'awake' && wokenFrom !== undefined) {
        const durationMs = clock.now() - wokenFrom
        onWoken({
          cause: firstCause ?? 'request',
          durationMs,
          ...(signalMs !== undefined && { signalMs }),
        })
      }
      if (
        state === 'awake' ||
        state === 'failed' ||
        state === 'suspended' ||
        state === 'disabled'
      ) {
        forgetWake()
      }
    },
  }
}
