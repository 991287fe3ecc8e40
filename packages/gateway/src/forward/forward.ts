import { identityHeaders } from '../headers.ts'
import type { Backend } from '../route-source.ts'
import { Delivery, isGone } from './delivery.ts'
import type { Forwarded, RefusedBy } from './forwarded.ts'
import { checkIdentity } from './identity-check.ts'
import type { Outgoing } from './outgoing.ts'
import { type Call, isSafe } from './upstream/call.ts'

/**
 * Sends the request to this backend and streams the answer back as it comes, with back-pressure both ways. After
 * `refused` it can be called again with another backend, or with the same.
 */
export function forward(outgoing: Outgoing, backend: Backend): Promise<Forwarded> {
  return outgoing.body?.isLarge() ? checkFirst(outgoing, backend) : attempt(outgoing, backend)
}

/** A large body is sent once only, so who is there is asked just before. */
async function checkFirst(outgoing: Outgoing, backend: Backend): Promise<Forwarded> {
  const reason = await askIdentity(outgoing, backend)
  // Whoever has left would wait for another turn until the deadline: it leaves no second time.
  if (isGone(outgoing)) return { type: 'left' }
  return reason ? { type: 'refused', reason } : await attempt(outgoing, backend)
}

function attempt(outgoing: Outgoing, backend: Backend): Promise<Forwarded> {
  if (isGone(outgoing)) return Promise.resolve({ type: 'left' })
  if (outgoing.calledBack?.aborted) return Promise.resolve({ type: 'unanswered' })
  return new Promise((resolve) => {
    const delivery = new Delivery(outgoing, resolve)
    const call = callOf(outgoing, backend, async () => {
      // To its own head, sent earlier, the backend has said no by the time it answers this, if it ever will.
      await askIdentity(outgoing, backend)
      return !delivery.isSettled
    })
    delivery.follow(outgoing.means.upstream.send(call, delivery))
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
    headers:
      backend.identity === undefined ? headers : [...headers, ...identityHeaders(backend.identity)],
    body: body && { chunks: body.chunks(onOutgrown), bytes: body.announcedBytes },
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
