import { type ParentOptions, type RunningParent, startParent } from './start-parent.ts'

/** What a runtime's parent is doing. */
export type ParentState =
  | { readonly type: 'starting' }
  | { readonly type: 'ready' }
  | { readonly type: 'failed'; readonly reason: string }

/** The parent of one runtime, kept alive. */
export interface KeptParent {
  readonly state: () => ParentState
  /** Ends a parent that does not answer: that counts as a failure, and the next one takes its place. */
  replace(): void
  /** Stops it; its forks live on. */
  close(): Promise<void>
}

/** Who has lived so long has not failed when it ends: another one is worth a try. */
const steadyMs = 10 * 60_000
/** As many failures in a row, and its containers are started plainly until the runtime changes. */
const mostFailures = 2

/** Starts the parent and starts it anew when it ends, until it has failed twice in a row. */
export function keepParent(
  options: ParentOptions,
  onChange: (state: ParentState) => void,
): KeptParent {
  const { log, major } = options
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
      log.warn({ major, reason, failures }, 'the parent of forks is gone')
      if (failures >= mostFailures) return become({ type: 'failed', reason })
      become({ type: 'starting' })
    }
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
