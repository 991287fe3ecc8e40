import type { KubeObject } from '@pulse/api'
import type { WatchEvent } from '../objects.ts'
import { expired } from './refusals.ts'

/** A watcher that lags behind by more than this starts again with a list: memory stays bounded. */
const maxWaitingEvents = 1000

export interface WatchBuffer extends AsyncIterable<WatchEvent> {
  push(event: WatchEvent): void
  /** Replaces a bookmark that still waits: only the newest tells anything. */
  pushBookmark(object: KubeObject): void
  /** The watch ends with this error, at once: what waits is dropped, since the client lists again. */
  fail(error: Error): void
  end(): void
  throwFailure(): void
}

export function createWatchBuffer(): WatchBuffer {
  let waiting: WatchEvent[] = []
  let failure: Error | undefined
  let ended = false
  let wake: (() => void) | undefined

  const notify = () => {
    wake?.()
    wake = undefined
  }
  const fail = (error: Error) => {
    failure ??= error
    waiting = []
    notify()
  }
  const push = (event: WatchEvent) => {
    if (ended || failure !== undefined) return
    if (waiting.length >= maxWaitingEvents) return fail(expired())
    waiting.push(event)
    notify()
  }
  const throwFailure = () => {
    if (failure !== undefined) throw failure
  }

  async function* events(): AsyncGenerator<WatchEvent, void> {
    while (true) {
      const batch = waiting
      waiting = []
      for (const event of batch) {
        if (ended) return
        throwFailure()
        yield event
      }
      if (ended) return
      throwFailure()
      if (waiting.length === 0) await new Promise<void>((resolve) => (wake = resolve))
    }
  }

  return {
    push,
    pushBookmark(object) {
      if (waiting.at(-1)?.type === 'BOOKMARK') waiting.pop()
      push({ type: 'BOOKMARK', object })
    },
    fail,
    end() {
      ended = true
      notify()
    },
    throwFailure,
    [Symbol.asyncIterator]: events,
  }
}
