import type { IncomingMessage } from 'node:http'
import { type Answer, bodyTooLarge, requestTimeout } from './answers.ts'
import { type Clock, systemClock } from './clock.ts'
import { createDatabaseScan } from './xmlrpc-database.ts'

/** What one body may take of the gateway. */
export interface BodyLimits {
  readonly bodyBytesMax: number
  /** The longest pause within a body, and what it begins with: waiting spends it, bytes earn it back. */
  readonly requestIdleTimeoutMs: number
  /** What it has to bring on average while it is waited for, that is what a second of waiting costs. */
  readonly bodyBytesPerSecondMin: number
}

/** A body as it comes, to be read once. */
export type Chunks = AsyncGenerator<Buffer, void, undefined>

/** A body that is not taken to its end, and what its sender is told. */
export class BodyRefused extends Error {
  readonly answer: Answer

  constructor(answer: Answer) {
    super(answer.detail)
    this.name = 'BodyRefused'
    this.answer = answer
  }
}

/** Whether the request announces a body (RFC 9112 6.3). */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

/** Undefined where the body says itself where it ends. Node's parser has refused a request that says two things. */
export function announcedBytes({ headers }: IncomingMessage): number | undefined {
  const length = headers['content-length']
  return length === undefined || headers['transfer-encoding'] !== undefined
    ? undefined
    : Number(length)
}

/**
 * The body as it comes, broken off with `BodyRefused` once it grows beyond its limit, stops coming or trickles. The
 * clock runs only while the client is waited for: a backend that reads slowly is not the client's pause. The request
 * itself is let go, not destroyed, since its socket still has to carry the answer.
 */
export function readBody(
  request: IncomingMessage,
  limits: BodyLimits,
  clock: Clock = systemClock,
): Chunks {
  if ((announcedBytes(request) ?? 0) > limits.bodyBytesMax) throw new BodyRefused(bodyTooLarge)
  return chunksOf(request, limits, clock)
}

/** What was found at the beginning of an XML-RPC call. */
export type Scanned =
  | { readonly allowed: true; readonly body: Chunks }
  | { readonly allowed: false; readonly reason: string }

/** Reads as much of an XML-RPC call as it takes to know its database; the body it gives back has that part again. */
export async function scanBody(
  { headers }: IncomingMessage,
  chunks: Chunks,
  database: string,
): Promise<Scanned> {
  if (headers['content-encoding'] !== undefined) {
    return { allowed: false, reason: 'A content encoding is not accepted for XML-RPC.' }
  }
  const scan = createDatabaseScan(database)
  const head: Buffer[] = []
  for (;;) {
    const { done, value } = await chunks.next()
    const result = done ? scan.end() : scan.push(value)
    if (value) head.push(value)
    if (result.verdict === 'refused') return { allowed: false, reason: result.reason }
    if (result.verdict === 'allowed' || done) return { allowed: true, body: joined(head, chunks) }
  }
}

async function* chunksOf(request: IncomingMessage, limits: BodyLimits, clock: Clock): Chunks {
  const chunks = request.iterator({ destroyOnReturn: false })
  const bytesPerMs = limits.bodyBytesPerSecondMin / 1000
  let bytes = 0
  // Waiting spends it, bytes earn it. It has a bound, so that a fast beginning buys no hours of trickle.
  let leftMs = limits.requestIdleTimeoutMs
  for (;;) {
    const since = clock.now()
    const next = await withinMs(chunks.next(), leftMs, clock)
    if (next.done) return
    bytes += next.value.length
    if (bytes > limits.bodyBytesMax) throw new BodyRefused(bodyTooLarge)
    const unspentMs = Math.max(0, leftMs - (clock.now() - since))
    leftMs = Math.min(limits.requestIdleTimeoutMs, unspentMs + next.value.length / bytesPerMs)
    yield next.value
  }
}

async function* joined(head: readonly Buffer[], rest: Chunks): Chunks {
  yield* head
  yield* rest
}

/** The chunk, unless it takes too long. */
async function withinMs<T>(chunk: Promise<T>, ms: number, clock: Clock): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const cancel = clock.after(ms, () => {
    // When it is us who were busy, the chunk may lie there unread: what has arrived is read before this runs.
    setImmediate(() => reject(new BodyRefused(requestTimeout)))
  })
  try {
    return await Promise.race([chunk, late])
  } finally {
    cancel()
  }
}
