import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { expectNoBody } from '../expect-continue.ts'
import { refusedHead } from '../request-head.ts'
import { responseOn } from '../upgrade.ts'
import { afterAnswers } from './after-answers.ts'
import { createBrokenRequests } from './broken-requests.ts'
import { isToReadAnew, readAnew } from './passed-over-offers.ts'
import type { RequestLines } from './request-lines.ts'

export interface RequestTakers {
  readonly onRequest: (request: IncomingMessage, response: ServerResponse) => void
  /** A WebSocket's handshake; the answer is written to `request.socket`, `head` are bytes that came early. */
  readonly onUpgrade: (request: IncomingMessage, head: Buffer) => void
}

/** What Node's servers hand over, on its way to who takes it: in turn, and without what is refused by its form. */
export interface IncomingRequests {
  takeFrom(server: Server): void
  /** Each answer is the last one of its connection from now on. */
  close(): void
}

export function createIncomingRequests(
  { onRequest, onUpgrade }: RequestTakers,
  lines: RequestLines,
): IncomingRequests {
  const broken = createBrokenRequests(lines)
  let closing = false

  /** `expected`: the status that refuses it for what it expects, if its head is not refused already. */
  function take(
    server: Server,
    request: IncomingMessage,
    response: ServerResponse,
    expected?: 417,
  ) {
    // Kept alive, the connection of a last answer would hold up the end until its timeout; and after an offer of
    // another protocol that was passed over, Node reads nothing more from one.
    if (closing || request.headers.upgrade !== undefined) response.setHeader('Connection', 'close')
    response.on('close', () => closing && setImmediate(() => server.closeIdleConnections()))
    // Answered before its body was read: what is left of it stands before the next request for ever.
    response.on('finish', () => request.complete || request.socket.destroySoon())
    if (broken.isBroken(request.socket)) return
    const status = refusedHead(request) ?? expected
    const run = () => {
      // Its body has broken off while it waited for its turn: nobody has to be sent what came of it.
      const broke = broken.isBroken(request.socket) && !request.complete
      const refused = broke ? 400 : status
      if (refused === undefined) onRequest(request, response)
      else refuse(response, refused)
    }
    if (!lines.join(request.socket, response, run)) refuse(response, 503)
  }

  function upgrade(server: Server, request: IncomingMessage, head: Buffer) {
    const status = refusedHead(request)
    afterAnswers(lines, request.socket, () => {
      if (status !== undefined) refuse(responseOn(request), status)
      else if (isToReadAnew(request)) readAnew(server, request, head)
      else onUpgrade(request, head)
    })
  }

  /** No methods are served but those of Odoo; this one Node hands over as it does an upgrade. */
  function refuseTunnel(request: IncomingMessage) {
    const status = refusedHead(request) ?? 501
    afterAnswers(lines, request.socket, () => refuse(responseOn(request), status))
  }

  return {
    takeFrom(server) {
      server.on('request', (request, response) => take(server, request, response))
      // Without this, Node asks for the body before anybody has decided whether it is taken.
      server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
        expectNoBody(response)
        take(server, request, response)
      })
      // RFC 9110 10.1.1. Node would say so itself, and nobody know that an answer is due on the connection.
      server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
        expectNoBody(response)
        take(server, request, response, 417)
      })
      server.on('upgrade', (request, _socket, head) => upgrade(server, request, head))
      server.on('connect', refuseTunnel)
      server.on('clientError', broken.refuse)
    },
    close() {
      closing = true
      for (const { newest } of lines.all()) newest.shouldKeepAlive = false
    },
  }
}

function refuse(response: ServerResponse, status: number) {
  response.writeHead(status, { Connection: 'close', 'Content-Length': 0 }).end()
}
