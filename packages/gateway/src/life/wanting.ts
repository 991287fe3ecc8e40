import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Clock } from '../clock.ts'
import { announcedBytes, hasBody } from '../request-body.ts'
import type { Wanted } from './turn.ts'

/** What requests want, and the end of all their waiting. */
export interface Wanting {
  /** `emitter` closes when the client has its answer, or has gone. */
  wantedBy(request: IncomingMessage, emitter: ServerResponse | Socket): Wanted
  /** Ends each wait for an environment: its request gets its answer, if there still is somebody. */
  endAll(): void
}

export function createWanting(clock: Clock): Wanting {
  const waiting = new Set<() => void>()
  return {
    wantedBy: (request, emitter) => new RequestWanted(clock.now(), { request, emitter, waiting }),
    endAll() {
      for (const leave of [...waiting]) leave()
    },
  }
}

interface WantedFor {
  readonly request: IncomingMessage
  readonly emitter: ServerResponse | Socket
  readonly waiting: Set<() => void>
}

/** A class, since every request makes one, and only those that wait are measured. */
class RequestWanted implements Wanted {
  readonly cause = 'request'
  readonly since: number
  patienceMs: number | undefined
  readonly #of: WantedFor

  constructor(since: number, of: WantedFor) {
    this.since = since
    this.#of = of
  }

  get bytes(): number {
    return bytesOf(this.#of.request)
  }

  onLeft(run: () => void): () => void {
    const { emitter, waiting } = this.#of
    const soon = emitter.closed ? soonAfter(run) : () => {}
    emitter.once('close', run)
    waiting.add(run)
    return () => {
      soon()
      emitter.off('close', run)
      waiting.delete(run)
    }
  }
}

/** What Node keeps of a request that nobody reads: its head, and of its body what fits into the buffer. */
function bytesOf(request: IncomingMessage): number {
  const head = request.rawHeaders.reduce(
    (sum, { length }) => sum + length,
    request.url?.length ?? 0,
  )
  if (!hasBody(request)) return head
  const body = announcedBytes(request) ?? Number.POSITIVE_INFINITY
  return head + Math.min(body, request.readableHighWaterMark)
}

/** Of somebody who is no client: the signal tells that nobody waits any more. */
export function leavesBy(signal: AbortSignal | undefined): Wanted['onLeft'] {
  return (run) => {
    const soon = signal?.aborted ? soonAfter(run) : () => {}
    signal?.addEventListener('abort', run, { once: true })
    return () => {
      soon()
      signal?.removeEventListener('abort', run)
    }
  }
}

/** Who has left already will not be heard leaving. */
function soonAfter(run: () => void): () => void {
  const immediate = setImmediate(run)
  return () => clearImmediate(immediate)
}
