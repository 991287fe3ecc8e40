import type { IncomingMessage } from 'node:http'
import type { Log } from '@pulse/api'
import type { Decision } from './decide.ts'
import type { Waker } from './route-source.ts'

export interface WakingOptions {
  readonly decide: (request: IncomingMessage) => Decision
  readonly waker: Waker
  readonly log: Log
  readonly wakeTimeoutMs: number
}

/** Every decision but that to wake: the request has been held for it. */
export type Awake = Exclude<Decision, { readonly kind: 'wake' }>

/** Decides on a request; one whose environment has no ready address is held while that is woken. */
export function createWaking(
  options: WakingOptions,
): (request: IncomingMessage) => Promise<Awake> | Awake {
  const { decide, waker } = options
  return (request) => {
    const first = decide(request)
    return first.kind === 'wake' ? hold(request, first) : first
  }

  async function hold(
    request: IncomingMessage,
    { answer, route }: Extract<Decision, { readonly kind: 'wake' }>,
  ): Promise<Awake> {
    const unavailable: Awake = { kind: 'answer', answer, route }
    const { environment } = route
    const patience = patienceOf(request, options.wakeTimeoutMs)
    try {
      await waker.wake(environment, patience.signal)
    } catch (error) {
      if (!patience.signal.aborted) options.log.warn({ err: error, environment }, 'wake failed')
      return unavailable
    } finally {
      patience[Symbol.dispose]()
    }
    if (!waker.isReady(environment)) return unavailable
    const second = decide(request)
    return second.kind === 'wake' ? unavailable : second
  }
}

/** Until the client goes or the time is over. */
function patienceOf({ socket }: IncomingMessage, ms: number) {
  const gone = new AbortController()
  const onClose = () => gone.abort()
  socket.once('close', onClose)
  return {
    signal: AbortSignal.any([gone.signal, AbortSignal.timeout(ms)]),
    [Symbol.dispose]: () => void socket.off('close', onClose),
  }
}
