import { backendMoved, backendTimeout, backendUnreachable } from '../answers.ts'
import { answerHeaders, identityHeaders } from '../headers.ts'
import { BodyRefused } from '../request-body.ts'
import type { Backend } from '../route-source.ts'
import { sendAnswer } from '../send-answer.ts'
import { type Exchange, type ExchangeFailure, exchange } from './exchange.ts'
import { type Forwarded, type RefusedBy, refusalIn } from './forwarded.ts'
import { checkIdentity } from './identity-check.ts'
import type { Outgoing } from './outgoing.ts'

/**
 * Sends the request to this backend and streams the answer back as it comes, with back-pressure both ways. After
 * `refused` it can be called again with another backend.
 */
export async function forward(outgoing: Outgoing, backend: Backend): Promise<Forwarded> {
  if (isGone(outgoing)) return settleLeft(outgoing)
  if (outgoing.body?.isLarge()) {
    // It is sent once only, so who is there is asked just before.
    const reason = await checkIdentity(checkOf(outgoing, backend))
    if (isGone(outgoing)) return settleLeft(outgoing)
    if (reason) return { type: 'refused', reason }
  }
  return await attempt(outgoing, backend)
}

function attempt(outgoing: Outgoing, backend: Backend): Promise<Forwarded> {
  const { request, response, body, means } = outgoing
  const { promise, resolve } = Promise.withResolvers<Forwarded>()
  let isSettled = false
  let refused: RefusedBy | undefined
  let sending: Exchange | undefined
  const onClose = () => {
    sending?.abort()
    settle({ type: 'left' })
  }
  const onDrain = () => sending?.resume()
  const settle = (outcome: Forwarded) => {
    if (isSettled) return
    isSettled = true
    response.off('close', onClose).off('drain', onDrain)
    if (outcome.type !== 'refused') body?.release()
    resolve(outcome)
  }
  /** To its own head, sent earlier, the backend has said no by the time it answers this, if it ever will. */
  const onOutgrown = async () => {
    await checkIdentity(checkOf(outgoing, backend))
    return !isSettled
  }

  response.on('close', onClose).on('drain', onDrain)
  sending = exchange(
    means.agent,
    {
      origin: originOf(outgoing, backend),
      method: request.method ?? 'GET',
      target: request.url ?? '/',
      headers: [...outgoing.headers, ...identityHeaders(backend.identity)],
      body: body?.chunks(onOutgrown) ?? null,
      answerTimeoutMs: means.limits.answerTimeoutMs,
      answerIdleTimeoutMs: means.limits.answerIdleTimeoutMs,
    },
    {
      onHead(status, headers) {
        refused = refusalIn(status, headers)
        if (refused) {
          sending?.abort()
          settle(refuse(outgoing, refused))
          return
        }
        body?.release()
        // The backend's own words for the status stay behind: Node refuses some, and no program reads them.
        response.writeHead(status, answerHeaders(headers))
      },
      onData: (chunk) => response.write(chunk),
      onEnd() {
        response.end()
        settle({ type: 'answered', status: response.statusCode })
      },
      onFailure: (failure) => settle(fail(outgoing, failure)),
    },
  )
  return promise
}

/** The backend's guard has let nothing run: so it may be asked elsewhere (RFC 9110 15.5.20), unless the body is gone. */
function refuse(outgoing: Outgoing, reason: RefusedBy): Forwarded {
  const { request, response, body } = outgoing
  if (body === null || body.isWhole()) return { type: 'refused', reason }
  outgoing.onRaced()
  response.setHeader('Connection', 'close')
  sendAnswer(request, response, backendMoved)
  return { type: 'answered', status: response.statusCode }
}

/** Nothing was answered yet: say so. Otherwise cut the connection, so that the client sees a broken answer as broken. */
function fail(outgoing: Outgoing, { type, cause }: ExchangeFailure): Forwarded {
  const { request, response, body } = outgoing
  if (isGone(outgoing)) return { type: 'left' }
  if (response.headersSent) {
    response.destroy()
    return { type: 'answered', status: response.statusCode }
  }
  if (cause instanceof BodyRefused) {
    response.setHeader('Connection', 'close')
    sendAnswer(request, response, cause.answer)
  } else if (type === 'unsent' && (body === null || body.isWhole())) {
    return { type: 'refused', reason: 'unreachable' }
  } else {
    sendAnswer(request, response, type === 'late' ? backendTimeout : backendUnreachable)
  }
  return { type: 'answered', status: response.statusCode }
}

function isGone({ request, response }: Outgoing): boolean {
  return response.destroyed || request.socket.destroyed
}

function settleLeft({ body }: Outgoing): Forwarded {
  body?.release()
  return { type: 'left' }
}

function checkOf(outgoing: Outgoing, backend: Backend) {
  const { agent, limits } = outgoing.means
  const { identityTimeoutMs } = limits
  return { agent, backend, origin: originOf(outgoing, backend), identityTimeoutMs }
}

function originOf({ evented }: Outgoing, backend: Backend): string {
  return `http://${backend.address}:${evented ? backend.websocketPort : backend.httpPort}`
}
