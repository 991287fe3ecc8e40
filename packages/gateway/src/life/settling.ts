import type { LifeDeps } from './life-deps.ts'
import type { LifeChange, Standing } from './waker.ts'

/**
 * Carries a change of one environment's life to its end: what stands there afterwards, whoever wrote it. Undefined once
 * the gateway ends.
 */
export function createSettling(
  environment: string,
  { waker, clock, limits, log, signal }: LifeDeps,
  /** There are no workers to write to; it is tried again in a moment. */
  onNothing: () => void,
): (change: LifeChange) => Promise<Standing | undefined> {
  const pass = (milliseconds: number) =>
    new Promise<void>((resolve) => clock.after(milliseconds, resolve))

  const limit = () => AbortSignal.any([signal, AbortSignal.timeout(limits.storeTimeoutMs)])

  /** Nothing was written, and a moment passes before the next try. */
  async function nothing({ expected }: LifeChange): Promise<Standing> {
    onNothing()
    await pass(limits.retryMs[1])
    return { record: expected, version: 0 }
  }

  return async (change) => {
    let [pauseMs, longestMs] = limits.retryMs
    // The outcome of a write that failed is unknown: only what stands there afterwards tells.
    let isUncertain = false
    while (!signal.aborted) {
      try {
        const standing = isUncertain
          ? await waker.look(environment, limit())
          : await waker.write(environment, change, limit())
        return standing ?? (await nothing(change))
      } catch (error) {
        if (!signal.aborted && !isUncertain) log.warn({ err: error, environment }, 'not written')
        isUncertain = true
      }
      await pass(pauseMs)
      pauseMs = Math.min(pauseMs * 2, longestMs)
    }
    return undefined
  }
}
