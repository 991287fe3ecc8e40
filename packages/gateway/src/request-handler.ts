import type { IncomingMessage, ServerResponse } from 'node:http'
import { turnedAway, websocketNotServed } from './answers.ts'
import type { Decision, Forward } from './decide.ts'
import { forward } from './forward/forward.ts'
import { createOutgoing, type Outgoing } from './forward/outgoing.ts'
import type { GatewayLimits } from './gateway-limits.ts'
import { requestHeaders } from './headers.ts'
import type { Lives } from './life/lives.ts'
import type { NoTurn, Turn, Wanted } from './life/turn.ts'
import { BodyRefused, type Chunks, hasBody, readBody, scanBody } from './request-body.ts'
import { sendAnswer, sendFault } from './send-answer.ts'
import { responseOn } from './upgrade.ts'

export interface Handling extends Pick<Outgoing, 'means' | 'onRaced'> {
  readonly decision: Decision
  readonly lives: Lives
  readonly wanted: Wanted
}

/** Carries out what was decided about a request. */
export async function handleRequest(
  request: IncomingMessage,
  response: ServerResponse,
  handling: Handling,
): Promise<void> {
  const { decision, lives, wanted } = handling
  if (decision.kind !== 'forward') return answerWith(request, response, decision)
  const asked = lives.turn(decision.route.environment, wanted)
  const turn = asked instanceof Promise ? await asked : asked
  if (turn.type === 'none') return turnAway(request, response, { turn, decision })
  await serve(request, response, { ...handling, decision, turn })
}

/** Sends it to one backend after the other until one takes it; in between it waits for its turn. */
async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  handling: Handling & { readonly decision: Forward; readonly turn: Turn },
): Promise<void> {
  const { decision, wanted, means, onRaced } = handling
  let { turn } = handling
  try {
    const body = hasBody(request)
      ? await bodyFor(request, response, { decision, limits: means.limits })
      : null
    if (body === 'refused') return
    const outgoing = createOutgoing(request, response, {
      headers: headersOf(request, decision),
      body,
      evented: decision.evented,
      onRaced,
      means,
    })
    while (turn.type === 'go') {
      const outcome = await forward(outgoing, turn.backend)
      if (outcome.type !== 'refused') return
      means.onRefused?.(outcome.reason)
      const { life } = turn
      const refused = turn
      turn = { type: 'none', because: 'late' }
      turn = await life.refuse(refused, outcome.reason === 'sealed', wanted)
    }
    turnAway(request, response, { turn, decision })
  } finally {
    if (turn.type === 'go') turn.life.finish(turn, true)
  }
}

interface Away {
  readonly turn: NoTurn
  readonly decision: Forward
}

function turnAway(
  request: IncomingMessage,
  response: ServerResponse,
  { turn: { because }, decision: { route } }: Away,
) {
  // Nobody is there to hear it.
  if (because === 'left') return void response.destroy()
  sendAnswer(request, response, turnedAway(because, route))
}

/** Answers a WebSocket's handshake that nobody is asked about; resolves with its status. */
export function refuseUpgrade(request: IncomingMessage, decision: Decision, turn?: NoTurn): number {
  const response = responseOn(request)
  if (decision.kind !== 'forward') answerWith(request, response, decision)
  else if (turn === undefined) sendAnswer(request, response, websocketNotServed)
  else turnAway(request, response, { turn, decision })
  return response.statusCode
}

function answerWith(
  request: IncomingMessage,
  response: ServerResponse,
  decision: Exclude<Decision, Forward>,
) {
  if (decision.kind === 'answer') return sendAnswer(request, response, decision.answer)
  response.writeHead(308, { Location: decision.location, 'Content-Length': 0 }).end()
}

/** The body to send on, if there is one; `refused` when the client has had its answer already. */
async function bodyFor(
  request: IncomingMessage,
  response: ServerResponse,
  { decision, limits }: { readonly decision: Forward; readonly limits: GatewayLimits },
): Promise<Chunks | 'refused'> {
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

/** What the tenant's Odoo is told of a request. */
export function headersOf(request: IncomingMessage, { authority, database }: Forward): string[] {
  return requestHeaders(request.rawHeaders, {
    authority,
    scheme: 'http',
    clientAddress: request.socket.remoteAddress?.replace(/^::ffff:/, '') ?? '',
    ...(database !== undefined && { database }),
  })
}
