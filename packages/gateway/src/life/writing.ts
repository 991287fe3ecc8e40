import type { LifeEffect } from './life.ts'
import type { LifeDeps } from './life-deps.ts'
import type { LifeState } from './life-state.ts'
import { isSameRecord } from './record.ts'
import type { WakeCause } from './wake-facts.ts'
import type { LifeChange, Standing } from './waker.ts'

type WriteEffect = Extract<LifeEffect, { readonly type: 'write' }>

/** Carries out one environment's writes; one that wakes it waits for a place among those that start. */
export interface Writing {
  begin(effect: WriteEffect): void
  /** Why it would be woken, if it is: what came first counts. */
  cause(cause: WakeCause): void
  note(state: LifeState): void
}

export interface WritingOptions {
  /** The outcome, whichever it is. */
  readonly onStanding: (standing: Standing) => void
  /** It can be served, after a wake of ours. */
  readonly onWoken: (wake: { readonly cause: WakeCause; readonly durationMs: number }) => void
  readonly priority: () => number
}

export function createWriting(
  environment: string,
  deps: LifeDeps,
  { onStanding, onWoken, priority }: WritingOptions,
): Writing {
  const { waker, clock, limits, log, signal } = deps
  let firstCause: WakeCause | undefined
  let wantedSince: number | undefined
  let wake: { readonly cause: WakeCause; readonly from: number } | undefined
  let leavePlace = () => {}

  async function write({ expected, next }: WriteEffect) {
    const isWake = expected.state === 'down'
    if (isWake) await prepareWake()
    const standing = await settle({ expected, next })
    if (standing === undefined) return leavePlace()
    if (isWake && !isSameRecord(standing.record, next)) forgetWake()
    onStanding(standing)
  }

  async function prepareWake() {
    wake = { cause: firstCause ?? 'request', from: clock.now() }
    const leave = await deps.places.enter({
      priority: priority(),
      since: wantedSince ?? clock.now(),
    })
    const cancel = clock.after(limits.startPlaceMs, leave)
    leavePlace = () => {
      cancel()
      leave()
    }
  }

  function forgetWake() {
    wake = undefined
    firstCause = undefined
    wantedSince = undefined
    leavePlace()
  }

  const pass = (milliseconds: number) =>
    new Promise<void>((resolve) => clock.after(milliseconds, resolve))

  /** The outcome of a write that failed is unknown: only what stands there afterwards tells. */
  async function settle(change: LifeChange): Promise<Standing | undefined> {
    const limit = () => AbortSignal.any([signal, AbortSignal.timeout(limits.storeTimeoutMs)])
    let [pauseMs, longestMs] = limits.retryMs
    let isUncertain = false
    while (!signal.aborted) {
      try {
        if (isUncertain) return (await waker.look(environment, limit())) ?? (await nothing(change))
        return await waker.write(environment, change, limit())
      } catch (error) {
        if (!signal.aborted && !isUncertain) log.warn({ err: error, environment }, 'not written')
        isUncertain = true
      }
      await pass(pauseMs)
      pauseMs = Math.min(pauseMs * 2, longestMs)
    }
    return undefined
  }

  /** Its workers are being replaced, or are gone: nothing was written, and a moment passes before the next try. */
  async function nothing({ expected }: LifeChange): Promise<Standing> {
    await pass(limits.retryMs[1])
    return { record: expected, version: 0 }
  }

  return {
    begin: (effect) => void write(effect),
    cause(cause) {
      firstCause ??= cause
      wantedSince ??= clock.now()
    },
    note(state) {
      if (state === 'awake' && wake !== undefined) {
        const { cause, from } = wake
        onWoken({ cause, durationMs: clock.now() - from })
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
