import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Admission } from './admission/admission.ts'
import { sendWorded } from './admission/send.ts'
import type { Visit } from './admission/visit.ts'
import { turnedAway, websocketNotServed } from './answers.ts'
import type { Decision, Forward } from './decide.ts'
import { askForBody } from './expect-continue.ts'
import { forward } from './forward/forward.ts'
import { createOutgoing, type Outgoing } from './forward/outgoing.ts'
import type { GatewayLimits } from './gateway-limits.ts'
import { requestHeaders } from './headers.ts'
import type { Lives } from './life/lives.ts'
import type { NoTurn, Turn, Wanted } from './life/turn.ts'
import { BodyRefused, type Chunks, hasBody, readBody, scanBody } from './request-body.ts'
import { sendAnswer, sendFault } from './send-answer.ts'
import { responseOn } from './upgrade.ts'

export interface Handling extends Pick<Outgoing, 'means'> {
  readonly admission: Admission
  readonly lives: Lives
  readonly wanted: Wanted
}

/** Carries out what was decided about a request. */
export async function handleRequest(
  visit: Visit,
  response: ServerResponse,
  handling: Handling,
): Promise<void> {
  if (!visit.isToForward()) return answerWith(visit.request, response, visit.decision)
  const { admission, lives, wanted } = handling
  const admitted = admission.admit(visit, response)
  if ((admitted instanceof Promise ? await admitted : admitted) === 'answered') return
  const { environment } = visit.decision.route
  wanted.patienceMs = visit.patienceMs
  const asked = lives.turn(environment, wanted)
  if (asked instanceof Promise) visit.handled = 'held'
  let turn = asked instanceof Promise ? await asked : asked
  if (wanted.patienceMs !== undefined) {
    wanted.patienceMs = undefined
    if (isLate(turn)) {
      if (admission.tellLate(visit, response) === 'answered') return
      turn = await lives.turn(environment, wanted)
    }
  }
  if (turn.type === 'none') return turnAway(visit, response, turn)
  await serve(visit, response, { ...handling, turn })
}

function isLate(turn: Turn): boolean {
  return turn.type === 'none' && turn.because === 'late'
}

/** Sends it to one backend after the other until one takes it; in between it waits for its turn. */
async function serve(
  visit: Visit<Forward>,
  response: ServerResponse,
  { admission, wanted, means, ...handling }: Handling & { readonly turn: Turn },
): Promise<void> {
  const { request, decision } = visit
  let { turn } = handling
  try {
    const body = hasBody(request)
      ? await bodyFor(request, response, { decision, limits: means.limits })
      : null
    if (body === 'refused') return
    const outgoing = createOutgoing(request, response, {
      headers: headersOf(visit),
      body,
      evented: decision.evented,
      onRaced: () => {
        visit.raced = true
      },
      keeper: admission.keeperFor(visit),
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
    turnAway(visit, response, turn)
  } finally {
    if (turn.type === 'go') turn.life.finish(turn, admission.finished(visit))
  }
}

function turnAway(
  { request, decision, row }: Visit<Forward>,
  response: ServerResponse,
  { because }: NoTurn,
) {
  // Nobody is there to hear it; unless it is the gateway that leaves.
  if (because === 'left' && request.socket.destroyed) return void response.destroy()
  const answer = turnedAway(because, decision.route)
  sendWorded(request, response, { answer, wording: row.wording })
}

/** Answers a WebSocket's handshake that nobody is asked about; resolves with its status. */
export function refuseUpgrade(visit: Visit, turn?: NoTurn): number {
  const response = responseOn(visit.request)
  if (!visit.isToForward()) answerWith(visit.request, response, visit.decision)
  else if (turn === undefined) sendAnswer(visit.request, response, websocketNotServed)
  else turnAway(visit, response, turn)
  return response.statusCode
}

function answerWith(request: IncomingMessage, response: ServerResponse, decision: Decision) {
  if (decision.kind === 'answer') return sendAnswer(request, response, decision.answer)
  if (decision.kind === 'redirect') {
    response.writeHead(308, { Location: decision.location, 'Content-Length': 0 }).end()
  }
}

/** The body to send on, if there is one; `refused` when the client has had its answer already. */
async function bodyFor(
  request: IncomingMessage,
  response: ServerResponse,
  { decision, limits }: { readonly decision: Forward; readonly limits: GatewayLimits },
): Promise<Chunks | 'refused'> {
  try {
    const chunks = readBody(request, limits)
    askForBody(request, response)
    if (!decision.scanBody) return chunks
    const scanned = await scanBody(request, chunks, decision.route.hostname)
    if (scanned.allowed) return scanned.body
    response.setHeader('Connection', 'close')
    sendFault(response, { problem: 'bad-request', detail: scanned.reason })
  } catch (error) {
    if (!(error instanceof BodyRefused)) throw error
    response.setHeader('Connection', 'close')
    sendAnswer(request, response, error.answer)
  }
  return 'refused'
}

/** What the tenant's Odoo is told of a request. */
export function headersOf({
  request,
  client,
  decision: { authority, database },
}: Visit<Forward>): string[] {
  return requestHeaders(request.rawHeaders, {
    authority,
    scheme: client.scheme,
    clientAddress: client.address,
    ...(database !== undefined && { database }),
  })
}
