import { setTimeout as delay } from 'node:timers/promises'
import { hasReason } from '@pulse/api'
import { CommandError, exitCodes } from '../exit.ts'
import type { WaitLimits } from './wait-until.ts'

const pauseMs = 200

/**
 * Looks again and again until something is found; for what no single object tells. A connection that is lost, as by a
 * restart of Pulse, is no end. `lateWords` says why it has not come in time.
 */
export async function pollUntil<T>(
  look: () => Promise<T | undefined>,
  { timeoutMs, signal, lateWords }: WaitLimits & { readonly lateWords: () => string },
): Promise<T> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
  while (!limited.aborted) {
    try {
      const found = await look()
      if (found !== undefined) return found
    } catch (error) {
      if (!hasReason(error, 'ServiceUnavailable')) throw error
    }
    await delay(pauseMs, undefined, { signal: limited }).catch(() => undefined)
  }
  if (signal.aborted) throw new CommandError('interrupted', exitCodes.interrupted)
  throw new CommandError(lateWords(), exitCodes.timeout)
}
