import { type ParentOptions, type RunningParent, startParent } from './start-parent.ts'

/** What a runtime's parent is doing. */
export type ParentState =
  | { readonly type: 'starting' }
  | { readonly type: 'ready' }
  /** Until an attempt succeeds. */
  | { readonly type: 'failed'; readonly reason: string }

/** The parent of one runtime, kept alive. */
export interface KeptParent {
  readonly state: () => ParentState
  /** Ends a parent that does not answer: that counts as a failure, and the next one takes its place. */
  replace(): void
  /** Stops it; its forks live on. */
  close(): Promise<void>
}

export interface KeptParentOptions extends ParentOptions {
  readonly clock: {
    now(): Date
    /** Runs once after so many milliseconds; the answer cancels it. */
    after(milliseconds: number, run: () => void): () => void
  }
}

/** Who has lived so long has not failed when it ends: another one is worth a try. */
const steadyMs = 10 * 60_000
/** As many failures in a row, and its containers are started plainly for a while. */
const mostFailures = 2
/** What made it fail may pass by itself (memory, a file being replaced); an attempt costs seconds of a processor. */
const firstRetryMs = 10 * 60_000
const longestRetryMs = 24 * 3_600_000

/** Starts the parent and starts it anew when it ends: at once the first time, later ever more seldom. */
export function keepParent(
  options: KeptParentOptions,
  onChange: (state: ParentState) => void,
): KeptParent {
  const { log, major, clock } = options
  const closing = new AbortController()
  let state: ParentState = { type: 'starting' }
  let running: RunningParent | undefined
  const become = (next: ParentState) => {
    state = next
    if (!closing.signal.aborted) onChange(next)
  }

  async function keep() {
    let failures = 0
    while (!closing.signal.aborted) {
      const { reason, livedMs } = await live()
      if (closing.signal.aborted) return
      failures = failuresAfter(failures, livedMs)
      const retryMs = retryMsAfter(failures)
      const retryAt = new Date(clock.now().getTime() + retryMs)
      log.warn({ major, reason, failures, retryAt }, 'the parent of forks is gone')
      if (retryMs === 0) {
        become({ type: 'starting' })
        continue
      }
      become({ type: 'failed', reason })
      await pause(retryMs)
    }
  }

  function pause(milliseconds: number): Promise<void> {
    const { signal } = closing
    return new Promise((resolve) => {
      const end = () => {
        signal.removeEventListener('abort', end)
        cancel()
        resolve()
      }
      const cancel = clock.after(milliseconds, end)
      signal.addEventListener('abort', end, { once: true })
    })
  }

  /** One life of a parent, from its start to its end. */
  async function live(): Promise<{ readonly reason: string; readonly livedMs: number }> {
    const { signal } = closing
    try {
      const parent = await startParent(options, signal)
      running = parent
      const readyAt = performance.now()
      log.info({ major, pid: parent.pid }, 'ready to fork')
      become({ type: 'ready' })
      const stop = () => void parent.stop()
      signal.addEventListener('abort', stop, { once: true })
      if (signal.aborted) stop()
      const reason = await parent.ended
      signal.removeEventListener('abort', stop)
      return { reason, livedMs: performance.now() - readyAt }
    } catch (error) {
      return { reason: error instanceof Error ? error.message : String(error), livedMs: 0 }
    }
  }

  const kept = keep()
  return {
    state: () => state,
    replace: () => running?.kill(),
    async close() {
      closing.abort()
      await kept
    },
  }
}

/** Failures in a row, after one more end. */
export function failuresAfter(before: number, livedMs: number): number {
  return livedMs >= steadyMs ? 1 : before + 1
}

/** How long nobody tries again after so many failures in a row. */
export function retryMsAfter(failures: number): number {
  if (failures < mostFailures) return 0
  return Math.min(firstRetryMs * 2 ** Math.min(failures - mostFailures, 20), longestRetryMs)
}
