import { type Agent, errors } from 'undici'
import { type Chunks, streamOf } from '../request-body.ts'

/** One request as it goes to one address. */
export interface Call {
  readonly origin: string
  readonly method: string
  readonly target: string
  /** Flat list. */
  readonly headers: string[]
  readonly body: Chunks | null
  readonly answerTimeoutMs: number
  readonly answerIdleTimeoutMs: number
}

/** What is told of an exchange, in this order; after `onEnd` or `onFailure` nothing more. */
export interface ExchangeHandler {
  onHead(status: number, headers: readonly string[]): void
  /** False asks to pause. */
  onData(chunk: Buffer): boolean
  onEnd(): void
  onFailure(failure: ExchangeFailure): void
}

export interface ExchangeFailure {
  /** `unsent`: not a byte of the request was written. */
  readonly type: 'unsent' | 'late' | 'broken'
  readonly cause: Error
}

export interface Exchange {
  resume(): void
  /** Ends it without a further word to the handler. */
  abort(): void
}

/** Sends a request and hears of its answer. */
export function exchange(agent: Agent, call: Call, handler: ExchangeHandler): Exchange {
  let controller: Parameters<NonNullable<Handler['onRequestStart']>>[0] | undefined
  let isOver = false
  const { origin, method, target: path, headers, body } = call
  agent.dispatch(
    {
      origin,
      path,
      method,
      headers,
      body: body && streamOf(body),
      headersTimeout: call.answerTimeoutMs,
      bodyTimeout: call.answerIdleTimeoutMs,
      reset: true,
    },
    {
      onRequestStart(started) {
        controller = started
        if (isOver) started.abort(new Error('given up'))
      },
      onResponseStart(_controller, status, answered) {
        if (isOver || (status >= 100 && status < 200)) return
        const flat = Object.entries(answered).flatMap(([name, values]) =>
          [values ?? []].flat().flatMap((value) => [name, value]),
        )
        handler.onHead(status, flat)
      },
      onResponseData(paused, chunk) {
        if (!isOver && !handler.onData(chunk)) paused.pause()
      },
      onResponseEnd() {
        if (isOver) return
        isOver = true
        handler.onEnd()
      },
      onResponseError(_controller, cause) {
        if (isOver) return
        isOver = true
        const late = cause instanceof errors.HeadersTimeoutError
        handler.onFailure({ type: late ? 'late' : controller ? 'broken' : 'unsent', cause })
      },
    },
  )
  return {
    resume: () => controller?.resume(),
    abort() {
      isOver = true
      controller?.abort(new Error('given up'))
    },
  }
}

type Handler = Parameters<Agent['dispatch']>[1]
