import type { Chunks } from '../../request-body.ts'

/** One request as it goes to one address. */
export interface Call {
  readonly address: string
  readonly port: number
  readonly method: string
  readonly target: string
  /** Flat list, without those that frame the body. */
  readonly headers: readonly string[]
  readonly body: CallBody | null
  /** Whether a kept connection will do; then it is sent again, should that turn out to be closed. */
  readonly mayReuse: boolean
  /** Until the connection stands. */
  readonly connectTimeoutMs: number
  /** From the end of the request to the head of the answer; also how long the backend may pause in reading it. */
  readonly answerTimeoutMs: number
  /** How long the answer may pause. Whoever keeps it waiting sees to it that this ends. */
  readonly answerIdleTimeoutMs: number
}

/**
 * What is sent after the head. Trailers are not, though a client may have sent some: no application of Python's is told
 * of them, werkzeug refuses a body that has any, and gevent (until 23.9) takes the second for another request.
 */
export interface CallBody {
  readonly chunks: Chunks
  /** The length if it was announced; otherwise the body goes in chunks. */
  readonly bytes: number | undefined
}

/** What is told of a call, in this order; after `onEnd` or `onFailure` nothing more. */
export interface CallHandler {
  onInformation(status: number, headers: readonly string[]): void
  onHead(status: number, headers: readonly string[]): void
  /** The head came without a byte of the body, which may take its time. */
  onHeadAlone(): void
  /** The bytes are valid during the call only. `isLast`: `onEnd` follows at once. False pauses until `resume`. */
  onData(bytes: Buffer, isLast: boolean): boolean
  onEnd(trailers: readonly string[]): void
  onFailure(failure: CallFailure): void
}

/** Why there is no whole answer. */
export interface CallFailure {
  /** `unsent`: not a byte of the request was written. `late`: the answer did not begin in time. */
  readonly type: 'unsent' | 'late' | 'broken'
  readonly cause: Error
}

/** The hand on a call that goes on. */
export interface CallControl {
  resume(): void
  /** Ends it without a further word to the handler. */
  abort(): void
}

/**
 * Methods that may be sent a second time when a kept connection turns out to be closed: the server may have begun with
 * the first, but a safe method asks for no change (RFC 9110 9.2.1), so that a repetition does no harm (9.2.2). All
 * others get a connection of their own, which no server closes for being idle.
 */
export function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
}
