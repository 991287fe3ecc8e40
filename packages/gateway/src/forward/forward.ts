import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { backendTimeout, backendUnreachable } from './answers.ts'
import { responseHeaders } from './headers.ts'
import { BodyRefused } from './request-body.ts'
import { sendAnswer } from './send-answer.ts'

export interface ForwardOptions {
  readonly dispatcher: Dispatcher
  readonly origin: string
  readonly headers: string[]
  /** What is left of the request's body, possibly after a look at its beginning. */
  readonly body: Readable | null
  readonly answerTimeoutMs: number
  readonly answerIdleTimeoutMs: number
}

export type Outcome = 'answered' | 'client-gone' | 'backend-failed'

/** Sends the request on and streams the answer back as it comes, with back-pressure both ways. */
export function forward(
  request: IncomingMessage,
  response: ServerResponse,
  { dispatcher, origin, headers, body, answerTimeoutMs, answerIdleTimeoutMs }: ForwardOptions,
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
        headersTimeout: answerTimeoutMs,
        bodyTimeout: answerIdleTimeoutMs,
        // Odoo closes after each answer anyway; a kept connection could die under the next request.
        reset: true,
      },
      {
        onRequestStart(controller) {
          flow = controller
          if (response.destroyed) controller.abort(new Error('the client has gone'))
        },
        onResponseStart(controller, status, upstream) {
          if (status >= 100 && status < 200) return
          // The backend's own words for the status stay behind: Node refuses some, and no program reads them.
          response.writeHead(status, responseHeaders(upstream))
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
  if (response.destroyed || request.socket.destroyed) return 'client-gone'
  if (response.headersSent) {
    response.destroy()
    return 'backend-failed'
  }
  if (error instanceof BodyRefused) {
    response.setHeader('Connection', 'close')
    sendAnswer(request, response, error.answer)
    return 'answered'
  }
  const late = 'code' in error && error.code === 'UND_ERR_HEADERS_TIMEOUT'
  sendAnswer(request, response, late ? backendTimeout : backendUnreachable)
  return 'backend-failed'
}
