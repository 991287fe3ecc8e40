import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { websocketNotServed } from './answers.ts'
import type { Forward } from './decide.ts'
import { forward } from './forward.ts'
import type { GatewayLimits } from './gateway-limits.ts'
import { requestHeaders } from './headers.ts'
import { BodyRefused, hasBody, readBody, scanBody, streamOf } from './request-body.ts'
import { sendAnswer, sendFault } from './send-answer.ts'
import { responseOn, upgrade } from './upgrade.ts'
import type { Awake } from './wake.ts'

export interface Handling {
  readonly dispatcher: Dispatcher
  readonly limits: GatewayLimits
}

/** Carries out what was decided about a request. */
export async function handleRequest(
  request: IncomingMessage,
  response: ServerResponse,
  { decision, dispatcher, limits }: Handling & { readonly decision: Awake },
): Promise<void> {
  if (decision.kind !== 'forward') return answerWith(request, response, decision)
  const body = await bodyFor(request, response, { decision, limits })
  if (body === 'refused') return
  await forward(request, response, {
    ...limits,
    dispatcher,
    origin: originOf(decision),
    headers: headersOf(request, decision),
    body,
  })
}

/** Carries out what was decided about a WebSocket's handshake; resolves with its status. */
export async function handleUpgrade(
  request: IncomingMessage,
  head: Buffer,
  { decision, limits }: Pick<Handling, 'limits'> & { readonly decision: Awake },
): Promise<number> {
  // It left while its environment was being woken; its 'close' will not come again.
  if (request.socket.destroyed) return 499
  if (decision.kind === 'forward' && decision.websocket) {
    const headers = headersOf(request, decision)
    return await upgrade(request, head, { ...limits, backend: decision.backend, headers })
  }
  const response = responseOn(request)
  if (decision.kind === 'forward') sendAnswer(request, response, websocketNotServed)
  else answerWith(request, response, decision)
  return response.statusCode
}

function answerWith(
  request: IncomingMessage,
  response: ServerResponse,
  decision: Exclude<Awake, Forward>,
) {
  if (decision.kind === 'answer') return sendAnswer(request, response, decision.answer)
  response.writeHead(308, { Location: decision.location, 'Content-Length': 0 }).end()
}

/** The body to send on, if there is one; `refused` when the client has had its answer already. */
async function bodyFor(
  request: IncomingMessage,
  response: ServerResponse,
  { decision, limits }: { readonly decision: Forward; readonly limits: GatewayLimits },
): Promise<Readable | null | 'refused'> {
  if (!hasBody(request)) return null
  try {
    const chunks = readBody(request, limits)
    if (!decision.scanBody) return streamOf(chunks)
    const scanned = await scanBody(request, chunks, decision.route.hostname)
    if (scanned.allowed) return streamOf(scanned.body)
    response.setHeader('Connection', 'close')
    sendFault(response, scanned.reason)
  } catch (error) {
    if (!(error instanceof BodyRefused)) throw error
    response.setHeader('Connection', 'close')
    sendAnswer(request, response, error.answer)
  }
  return 'refused'
}

function originOf({ backend, evented }: Forward): string {
  return `http://${backend.address}:${evented ? backend.websocketPort : backend.httpPort}`
}

function headersOf(request: IncomingMessage, { authority, database }: Forward): string[] {
  return requestHeaders(request.rawHeaders, {
    authority,
    scheme: 'http',
    clientAddress: request.socket.remoteAddress?.replace(/^::ffff:/, '') ?? '',
    ...(database !== undefined && { database }),
  })
}
