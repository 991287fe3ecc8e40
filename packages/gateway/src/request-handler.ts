import type { IncomingMessage, ServerResponse } from 'node:http'
import { backendMoved, backendUnreachable, websocketNotServed } from './answers.ts'
import type { Forward } from './decide.ts'
import { forward } from './forward/forward.ts'
import { createOutgoing, type Outgoing } from './forward/outgoing.ts'
import type { GatewayLimits } from './gateway-limits.ts'
import { identityHeaders, requestHeaders } from './headers.ts'
import { BodyRefused, type Chunks, hasBody, readBody, scanBody } from './request-body.ts'
import type { Backend } from './route-source.ts'
import { sendAnswer, sendFault } from './send-answer.ts'
import { responseOn, upgrade } from './upgrade.ts'
import type { Awake } from './wake.ts'

export interface Handling extends Pick<Outgoing, 'means' | 'onRaced'> {
  readonly decision: Awake
}

/** Carries out what was decided about a request. */
export async function handleRequest(
  request: IncomingMessage,
  response: ServerResponse,
  { decision, means, onRaced }: Handling,
): Promise<void> {
  if (decision.kind !== 'forward') return answerWith(request, response, decision)
  const body = await bodyFor(request, response, { decision, limits: means.limits })
  if (body === 'refused') return
  const outgoing = createOutgoing(request, response, {
    headers: headersOf(request, decision),
    body,
    evented: decision.evented,
    onRaced,
    means,
  })
  await forwardToAny(outgoing, decision)
}

/** Asks the chosen backend, and each other ready one once, until one takes the request. */
async function forwardToAny(outgoing: Outgoing, { backend, route }: Forward): Promise<void> {
  const others = route.backends.filter((other) => !isSame(other, backend))
  let outcome = await forward(outgoing, backend)
  for (const other of others) {
    if (outcome.type !== 'refused') return
    outcome = await forward(outgoing, other)
  }
  if (outcome.type !== 'refused') return
  const { request, response } = outgoing
  const isThere = outcome.reason !== 'unreachable'
  sendAnswer(request, response, isThere ? backendMoved : backendUnreachable)
}

function isSame(one: Backend, other: Backend): boolean {
  return one.address === other.address && one.httpPort === other.httpPort
}

/** Carries out what was decided about a WebSocket's handshake; resolves with its status. */
export async function handleUpgrade(
  request: IncomingMessage,
  head: Buffer,
  { decision, limits }: { readonly decision: Awake; readonly limits: GatewayLimits },
): Promise<number> {
  // It left while its environment was being woken; its 'close' will not come again.
  if (request.socket.destroyed) return 499
  if (decision.kind === 'forward' && decision.websocket) {
    const headers = [...headersOf(request, decision), ...identityHeaders(decision.backend.identity)]
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
): Promise<Chunks | null | 'refused'> {
  if (!hasBody(request)) return null
  try {
    const chunks = readBody(request, limits)
    if (!decision.scanBody) return chunks
    const scanned = await scanBody(request, chunks, decision.route.hostname)
    if (scanned.allowed) return scanned.body
    response.setHeader('Connection', 'close')
    sendFault(response, scanned.reason)
  } catch (error) {
    if (!(error instanceof BodyRefused)) throw error
    response.setHeader('Connection', 'close')
    sendAnswer(request, response, error.answer)
  }
  return 'refused'
}

function headersOf(request: IncomingMessage, { authority, database }: Forward): string[] {
  return requestHeaders(request.rawHeaders, {
    authority,
    scheme: 'http',
    clientAddress: request.socket.remoteAddress?.replace(/^::ffff:/, '') ?? '',
    ...(database !== undefined && { database }),
  })
}
