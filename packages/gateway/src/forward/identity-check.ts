import { identityHeaders } from '../headers.ts'
import type { Backend } from '../route-source.ts'
import { type RefusedBy, refusalIn } from './forwarded.ts'
import type { Upstream } from './upstream/upstream.ts'

export interface IdentityCheck {
  readonly upstream: Upstream
  readonly backend: Backend
  readonly port: number
  readonly timeoutMs: number
}

/**
 * A path of the guard's own that it does not know: without the right identity it is refused like any other, with it
 * the guard itself answers 404, so that nothing of Odoo's or a tenant's runs. `/plana/ready` would not do, since probes
 * may ask there without an identity.
 */
const target = '/plana/identity'

/**
 * Asks the backend whether it is the one that is meant. Undefined when it is, and also when it does not say so in time:
 * its guard refuses the request itself, should it be another; what this saves is a large body sent in vain.
 */
export function checkIdentity(options: IdentityCheck): Promise<RefusedBy | undefined> {
  const { upstream, backend, port, timeoutMs } = options
  if (backend.identity === undefined) return Promise.resolve(undefined)
  const headers = [...identityHeaders(backend.identity), 'Host', 'gateway.invalid']
  const limits = {
    connectTimeoutMs: timeoutMs,
    answerTimeoutMs: timeoutMs,
    answerIdleTimeoutMs: timeoutMs,
  }
  return new Promise((resolve) => {
    upstream.send(
      {
        address: backend.address,
        port,
        method: 'GET',
        target,
        headers,
        body: null,
        // Whoever listens there now is asked, as the body will go there by a connection of its own.
        mayReuse: false,
        ...limits,
      },
      {
        onInformation() {},
        onHead: (status, answered) => resolve(refusalIn(status, answered)),
        onHeadAlone() {},
        onData: () => true,
        onEnd() {},
        onFailure: ({ type }) => resolve(type === 'unsent' ? 'unreachable' : undefined),
      },
    )
  })
}
