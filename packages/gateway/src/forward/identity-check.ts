import type { Agent } from 'undici'
import { identityHeaders } from '../headers.ts'
import type { Backend } from '../route-source.ts'
import { exchange } from './exchange.ts'
import { type RefusedBy, refusalIn } from './forwarded.ts'

export interface IdentityCheck {
  readonly agent: Agent
  readonly backend: Backend
  readonly origin: string
  readonly identityTimeoutMs: number
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
  const { agent, backend, origin, identityTimeoutMs } = options
  if (backend.identity === undefined) return Promise.resolve(undefined)
  const { promise, resolve } = Promise.withResolvers<RefusedBy | undefined>()
  const headers = [...identityHeaders(backend.identity), 'Host', 'gateway.invalid']
  const asked = exchange(
    agent,
    {
      origin,
      method: 'GET',
      target,
      headers,
      body: null,
      answerTimeoutMs: identityTimeoutMs,
      answerIdleTimeoutMs: identityTimeoutMs,
    },
    {
      onHead(status, answered) {
        resolve(refusalIn(status, answered))
        asked.abort()
      },
      onData: () => true,
      onEnd() {},
      onFailure: ({ type }) => resolve(type === 'unsent' ? 'unreachable' : undefined),
    },
  )
  return promise
}
