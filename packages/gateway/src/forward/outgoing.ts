import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Keeper } from '../admission/shelf.ts'
import type { GatewayLimits } from '../gateway-limits.ts'
import { announcedBytes, type Chunks } from '../request-body.ts'
import type { RefusedBy } from './forwarded.ts'
import { createKeptBody, type KeptBody } from './kept-body.ts'
import { createKeptBytes, type KeptBytes } from './kept-bytes.ts'
import { createUpstream, type Upstream } from './upstream/upstream.ts'

/** A client's request on its way to a backend, or to one after the other: made once, forwarded up to as often as it takes. */
export interface Outgoing {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Flat list, without what is one backend's own. */
  readonly headers: readonly string[]
  readonly body: KeptBody | null
  /** It goes to the port where Odoo keeps connections open. */
  readonly evented: boolean
  /**
   * Called before the client is told to come again, because the backend turned out to be the wrong one when too much
   * of the body had been sent to send it elsewhere.
   */
  readonly onRaced: () => void
  /** For an answer that may be kept: told of its head, it gives what takes the body. */
  readonly keeper?: Keeper | undefined
  /** Of one that nobody has to wait for: ends the wait for an answer that has not begun. */
  readonly calledBack?: AbortSignal
  readonly means: ForwardMeans
}

/** What all requests share. */
export interface ForwardMeans {
  readonly upstream: Upstream
  readonly keptBytes: KeptBytes
  readonly limits: GatewayLimits
  /** A backend took nothing of a request; it is sent elsewhere. */
  readonly onRefused?: (reason: RefusedBy) => void
}

export function createForwardMeans(limits: GatewayLimits): ForwardMeans {
  const { connectTimeoutMs, identityTimeoutMs, answerTimeoutMs, answerIdleTimeoutMs } = limits
  const shortestTimeoutMs = Math.min(
    ...[connectTimeoutMs, identityTimeoutMs, answerTimeoutMs, answerIdleTimeoutMs],
  )
  return {
    limits,
    keptBytes: createKeptBytes(limits.keptBytesMax),
    upstream: createUpstream({ shortestTimeoutMs }),
  }
}

export interface OutgoingOptions extends Omit<Outgoing, 'request' | 'response' | 'body'> {
  /** What is left of the body, possibly after a look at its beginning. */
  readonly body: Chunks | null
}

export function createOutgoing(
  request: IncomingMessage,
  response: ServerResponse,
  options: OutgoingOptions,
): Outgoing {
  const body = options.body && keptBodyOf(request, options.body, options.means)
  // Whatever becomes of it: at the latest then, what is kept of its body is let go.
  if (body) response.once('close', body.release)
  return { ...options, request, response, body }
}

function keptBodyOf(
  request: IncomingMessage,
  body: Chunks,
  { keptBytes, limits: { keptBodyBytesMax } }: ForwardMeans,
): KeptBody {
  return createKeptBody(body, {
    announcedBytes: announcedBytes(request),
    keptBodyBytesMax,
    keptBytes,
  })
}
