import type { Clock } from '../clock.ts'

export interface TimeLimit {
  readonly clock: Clock
  readonly milliseconds: number
  readonly name: string
  readonly stop: AbortSignal
}

/** Rejects after the time, whether or not what was asked listens to its signal. */
export async function withTimeLimit<T>(
  { clock, milliseconds, name, stop }: TimeLimit,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  stop.throwIfAborted()
  const over = new AbortController()
  const expired = Promise.withResolvers<never>()
  expired.promise.catch(() => undefined)
  const end = (reason: unknown) => {
    over.abort(reason)
    expired.reject(reason)
  }
  const onStop = () => end(stop.reason)
  stop.addEventListener('abort', onStop, { once: true })
  const cancel = clock.after(milliseconds, () =>
    end(new Error(`${name} took over ${milliseconds} ms`)),
  )
  try {
    return await Promise.race([work(over.signal), expired.promise])
  } finally {
    cancel()
    stop.removeEventListener('abort', onStop)
  }
}
