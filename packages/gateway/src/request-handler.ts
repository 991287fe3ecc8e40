import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Admission } from './admission/admission.ts'
import { sendWorded } from './admission/send.ts'
import type { Visit } from './admission/visit.ts'
import { turnedAway, websocketNotServed } from './answers.ts'
import type { Decision, Forward } from './decide.ts'
import { forward } from './forward/forward.ts'
import type { Outgoing } from './forward/outgoing.ts'
import type { Lives } from './life/lives.ts'
import type { NoTurn, Turn, Wanted } from './life/turn.ts'
import { servePoll } from './long-poll.ts'
import { outgoingOf } from './outgoing-of-visit.ts'
import type { PollProtocol } from './parked/parked-protocol.ts'
import { sendAnswer } from './send-answer.ts'
import type { UnderWay } from './under-way.ts'
import { responseOn } from './upgrade.ts'

export interface Handling extends Pick<Outgoing, 'means'> {
  readonly admission: Admission
  readonly lives: Lives
  readonly wanted: Wanted
  readonly polls: PollProtocol | undefined
  readonly underWay: UnderWay
}

/** Carries out what was decided about a request. */
export async function handleRequest(
  visit: Visit,
  response: ServerResponse,
  handling: Handling,
): Promise<void> {
  if (!visit.isToForward()) return answerWith(visit.request, response, visit.decision)
  const { admission, lives, wanted, polls } = handling
  const admitted = admission.admit(visit, response)
  if ((admitted instanceof Promise ? await admitted : admitted) === 'answered') return
  if (polls !== undefined && visit.row.asleep.kind === 'poll') {
    if (await servePoll(visit, response, { ...handling, polls })) return
  }
  const asked = lives.turn(visit.decision.route.environment, patiently(visit, wanted))
  if (asked instanceof Promise) visit.handled = 'held'
  let turn = asked instanceof Promise ? await asked : asked
  if (visit.patienceMs !== undefined && turn.type === 'none' && turn.because === 'late') {
    if (admission.tellLate(visit, response) === 'answered') return
    visit.patienceMs = undefined
    turn = await lives.turn(visit.decision.route.environment, patiently(visit, wanted))
  }
  if (turn.type === 'none') return turnAway(visit, response, turn)
  // Whoever has had a turn waits for another as long as it takes.
  wanted.patienceMs = undefined
  await serve(visit, response, { ...handling, turn })
}

function patiently({ patienceMs }: Visit, wanted: Wanted): Wanted {
  wanted.patienceMs = patienceMs
  return wanted
}

/** Sends it to one backend after the other until one takes it; in between it waits for its turn. */
async function serve(
  visit: Visit<Forward>,
  response: ServerResponse,
  { underWay, admission, wanted, means, ...handling }: Handling & { readonly turn: Turn },
): Promise<void> {
  const { environment } = visit.decision.route
  let { turn } = handling
  underWay.add(environment, response)
  try {
    const outgoing = await outgoingOf(visit, response, {
      keeper: admission.keeperFor(visit),
      means,
    })
    if (outgoing === undefined) return
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
    underWay.over(environment, response)
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
