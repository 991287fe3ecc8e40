import { backendMoved, backendTimeout, backendUnreachable } from '../answers.ts'
import { identityHeaders, trailersToPass } from '../headers.ts'
import { BodyRefused } from '../request-body.ts'
import type { Backend } from '../route-source.ts'
import { sendAnswer } from '../send-answer.ts'
import { createDelivery } from './delivery.ts'
import { type Forwarded, type RefusedBy, refusalIn } from './forwarded.ts'
import { checkIdentity } from './identity-check.ts'
import type { Outgoing } from './outgoing.ts'
import { type Call, type CallControl, type CallFailure, isSafe } from './upstream/call.ts'

/**
 * Sends the request to this backend and streams the answer back as it comes, with back-pressure both ways. After
 * `refused` it can be called again with another backend.
 */
export function forward(outgoing: Outgoing, backend: Backend): Promise<Forwarded> {
  return outgoing.body?.isLarge() ? checkFirst(outgoing, backend) : attempt(outgoing, backend)
}

/** A large body is sent once only, so who is there is asked just before. */
async function checkFirst(outgoing: Outgoing, backend: Backend): Promise<Forwarded> {
  const reason = await askIdentity(outgoing, backend)
  return reason ? { type: 'refused', reason } : await attempt(outgoing, backend)
}

function attempt(outgoing: Outgoing, backend: Backend): Promise<Forwarded> {
  const { response, body, means } = outgoing
  if (isGone(outgoing)) {
    body?.release()
    return Promise.resolve({ type: 'left' })
  }
  return new Promise((resolve) => {
    let isSettled = false
    let control: CallControl | undefined
    const delivery = createDelivery(outgoing, () => control?.resume())
    const onClose = () => {
      control?.abort()
      settle({ type: 'left' })
    }
    const settle = (outcome: Forwarded) => {
      if (isSettled) return
      isSettled = true
      response.off('close', onClose)
      if (outcome.type !== 'refused') body?.release()
      resolve(outcome)
    }
    /** To its own head, sent earlier, the backend has said no by the time it answers this, if it ever will. */
    const onOutgrown = async () => {
      await askIdentity(outgoing, backend)
      return !isSettled
    }

    response.on('close', onClose)
    control = means.upstream.send(callOf(outgoing, backend, onOutgrown), {
      onInformation: delivery.onInformation,
      onHead(status, headers) {
        const reason = refusalIn(status, headers)
        if (reason) {
          control?.abort()
          settle(refuse(outgoing, reason))
          return
        }
        body?.release()
        delivery.onHead(status, headers)
      },
      onHeadAlone: delivery.onHeadAlone,
      onData: delivery.onData,
      onEnd(trailers) {
        delivery.onEnd(trailers)
        settle({ type: 'answered', status: response.statusCode })
      },
      onFailure: (failure) => settle(fail(outgoing, failure)),
    })
  })
}

function callOf(
  { request, headers, body, evented, means: { limits } }: Outgoing,
  backend: Backend,
  onOutgrown: () => Promise<boolean>,
): Call {
  const method = request.method ?? 'GET'
  return {
    address: backend.address,
    port: evented ? backend.websocketPort : backend.httpPort,
    method,
    target: request.url ?? '/',
    headers: [...headers, ...identityHeaders(backend.identity)],
    body: body && {
      chunks: body.chunks(onOutgrown),
      bytes: body.announcedBytes,
      trailers: () => trailersToPass(request.rawTrailers),
    },
    mayReuse: body === null && isSafe(method),
    connectTimeoutMs: limits.connectTimeoutMs,
    answerTimeoutMs: limits.answerTimeoutMs,
    answerIdleTimeoutMs: limits.answerIdleTimeoutMs,
  }
}

function askIdentity(
  { evented, means: { upstream, limits } }: Outgoing,
  backend: Backend,
): Promise<RefusedBy | undefined> {
  const port = evented ? backend.websocketPort : backend.httpPort
  return checkIdentity({ upstream, backend, port, timeoutMs: limits.identityTimeoutMs })
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
function fail(outgoing: Outgoing, { type, cause }: CallFailure): Forwarded {
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
