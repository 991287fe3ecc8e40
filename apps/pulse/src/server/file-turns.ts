import { untilSignal } from '../routing/until-signal.ts'

/** One work on files at a time, in the order asked for; its caller waits for it no longer than its signal says. */
export type FileTurns = <Result>(
  signal: AbortSignal,
  work: () => Promise<Result>,
) => Promise<Result>

/**
 * What hangs keeps its turn until it really ends, so that nothing old is written over what is newer; until then all
 * else is refused: each would hang a thread of its own, and the process has few.
 */
export function createFileTurns(): FileTurns {
  let last: Promise<unknown> = Promise.resolve()
  let running: AbortSignal | undefined

  return async (signal, work) => {
    signal.throwIfAborted()
    if (running?.aborted) throw new Error('an earlier work on these files has not ended yet')
    const mine = last.then(async () => {
      signal.throwIfAborted()
      running = signal
      try {
        return await work()
      } finally {
        running = undefined
      }
    })
    last = mine.catch(() => undefined)
    return await untilSignal(signal, () => mine)
  }
}
