import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { sendAnswer } from './answer.ts'
import { BodyTooLarge, tooLarge } from './body-limit.ts'
import { responseHeaders } from './headers.ts'

export interface ForwardOptions {
  readonly dispatcher: Dispatcher
  readonly origin: string
  readonly headers: string[]
  /** What is left of the request's body, possibly after a look at its beginning. */
  readonly body: Readable | null
  readonly headersTimeoutMs: number
  readonly bodyTimeoutMs: number
}

export type Outcome = 'answered' | 'client-gone' | 'backend-failed'

/** Sends the request on and streams the answer back as it comes, with back-pressure both ways. */
export function forward(
  request: IncomingMessage,
  response: ServerResponse,
  { dispatcher, origin, headers, body, headersTimeoutMs, bodyTimeoutMs }: ForwardOptions,
): Promise<Outcome> {
  return new Promise((resolve) => {
    let flow: Dispatcher.DispatchController | undefined
    const onClose = () => flow?.abort(new Error('the client has gone'))
    response.on('close', onClose)
    const settle = (outcome: Outcome) => {
      response.off('close', onClose)
      resolve(outcome)
    }

    dispatcher.dispatch(
      {
        origin,
        path: request.url ?? '/',
        method: request.method ?? 'GET',
        headers,
        body,
        headersTimeout: headersTimeoutMs,
        bodyTimeout: bodyTimeoutMs,
        // Odoo closes after each answer anyway; a kept connection could die under the next request.
        reset: true,
      },
      {
        onRequestStart(controller) {
          flow = controller
          if (response.destroyed) controller.abort(new Error('the client has gone'))
        },
        onResponseStart(controller, status, upstream, message) {
          if (status < 200) return
          response.writeHead(status, message, responseHeaders(upstream))
          response.on('drain', () => controller.resume())
        },
        onResponseData(controller, chunk) {
          if (!response.write(chunk)) controller.pause()
        },
        onResponseEnd() {
          response.end()
          settle('answered')
        },
        onResponseError(_controller, error) {
          settle(fail(request, response, error))
        },
      },
    )
  })
}

/** Nothing was answered yet: say so. Otherwise cut the connection, so that the client sees a broken answer as broken. */
function fail(request: IncomingMessage, response: ServerResponse, error: Error): Outcome {
  if (response.destroyed) return 'client-gone'
  if (response.headersSent) {
    response.destroy()
    return 'backend-failed'
  }
  if (error instanceof BodyTooLarge) {
    response.setHeader('Connection', 'close')
    sendAnswer(request, response, tooLarge)
    return 'answered'
  }
  const late = 'code' in error && error.code === 'UND_ERR_HEADERS_TIMEOUT'
  sendAnswer(request, response, {
    status: late ? 504 : 502,
    page: 'unavailable',
    code: late ? 'backend-timeout' : 'backend-unreachable',
    detail: late
      ? 'The environment did not answer within the time limit.'
      : 'The environment broke off the connection before it answered.',
    retryAfterSeconds: 5,
  })
  return 'backend-failed'
}

/** Whether the request announces a body (RFC 9112 6.3). */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

/** The request's body from its first byte, `head` having been read from it already. */
export function joinBody(head: readonly Buffer[], rest: Readable): Readable {
  return Readable.from(
    (async function* () {
      yield* head
      yield* rest
    })(),
    { objectMode: false },
  )
}
