import type { IncomingMessage } from 'node:http'
import {
  type Answer,
  absence,
  backendTimeout,
  backendUnreachable,
  badHandshake,
  tooManyWebsockets,
} from '../answers.ts'
import type { Backend, Route } from '../route-source.ts'
import { sendAnswer } from '../send-answer.ts'
import { passOn, responseOn } from '../upgrade.ts'
import { openBackendSocket } from './backend-socket.ts'
import type { Switch } from './client-sockets.ts'
import { keepHandshake, refusalOfHandshake } from './handshake.ts'
import { noteRefusal } from './note-refusal.ts'
import type { ParkedGround } from './parked-ground.ts'
import type { ParkedSocket } from './parked-socket.ts'

export interface Handshaking {
  readonly route: Route
  /** For the backend, as a flat list. */
  readonly headers: readonly string[]
  /** Where the environment is known to be awake already. */
  readonly backend?: Backend
  /** A socket without a backend is kept until there is one. */
  readonly canPark: boolean
  readonly answerTimeoutMs: number
  readonly answerIdleTimeoutMs: number
}

export interface HandshakeAnswering extends Handshaking {
  readonly ground: ParkedGround
  readonly isFull: () => boolean
  /** Switches the client; undefined when it has gone. */
  readonly admit: (answer: Switch) => ParkedSocket | undefined
}

/**
 * Answers a client's handshake: as the backend answers it, if there is one; without waking anybody otherwise, unless
 * no backend would ever take it. Resolves with the status.
 */
export async function answerHandshake(
  request: IncomingMessage,
  answering: HandshakeAnswering,
): Promise<number> {
  const { route, ground, isFull } = answering
  const refusal = refusalOfHandshake(request) ?? (isFull() ? tooManyWebsockets : undefined)
  if (refusal !== undefined) return refuse(request, refusal)

  const gone = new AbortController()
  const onClose = () => gone.abort()
  request.socket.once('close', onClose)
  try {
    const backend =
      answering.backend ?? (await ground.life.backend(route, { wake: false }, gone.signal))
    if (gone.signal.aborted) return 499
    if (backend === undefined) return park(request, answering)
    return await ask(request, { ...answering, backend, signal: gone.signal })
  } catch {
    return gone.signal.aborted ? 499 : refuse(request, absence(route))
  } finally {
    request.socket.off('close', onClose)
  }
}

/** Nobody is there to be asked. */
function park(request: IncomingMessage, { ground, admit }: HandshakeAnswering): number {
  const objection = ground.protocol.objection(request.headers)
  if (objection !== undefined) return refuse(request, { ...badHandshake, detail: objection })
  return admit({}) === undefined ? 499 : 101
}

async function ask(
  request: IncomingMessage,
  answering: HandshakeAnswering &
    Required<Pick<Handshaking, 'backend'>> & { readonly signal: AbortSignal },
): Promise<number> {
  const { ground, admit, backend, answerTimeoutMs, answerIdleTimeoutMs, signal } = answering
  const { limits } = ground
  const opening = await openBackendSocket({
    ...limits,
    answerTimeoutMs,
    messageBytesMax: limits.backendMessageBytesMax,
    handshake: keepHandshake(request, answering.headers),
    backend,
    signal,
  })
  if (signal.aborted) {
    if (opening.kind === 'open') opening.socket.terminate()
    return 499
  }
  const refusedBy = noteRefusal(ground, {
    environment: answering.route.environment,
    backend,
    opening,
  })
  if (opening.kind === 'unreachable') {
    // Killed, and the store has not heard of it: the next one takes it.
    return answering.canPark ? park(request, answering) : refuse(request, backendUnreachable)
  }
  if (opening.kind === 'broken') {
    return refuse(request, opening.isLate ? backendTimeout : backendUnreachable)
  }
  if (opening.kind === 'answered') {
    const { answer } = opening
    // By its guard: it is being put to sleep, or has been replaced. A 421 of the tenant's own is an answer.
    if (refusedBy !== undefined) {
      answer.destroy()
      return park(request, answering)
    }
    passOn(request, answer, answerIdleTimeoutMs)
    return answer.statusCode ?? 0
  }
  const socket = admit(opening)
  if (socket === undefined) {
    opening.socket.terminate()
    return 499
  }
  socket.attach(opening, backend)
  return 101
}

function refuse(request: IncomingMessage, answer: Answer): number {
  const response = responseOn(request)
  // RFC 6455 4.4: which version would do.
  if (answer.problem === 'websocket-version') response.setHeader('Sec-WebSocket-Version', '13')
  sendAnswer(request, response, answer)
  return response.statusCode
}
