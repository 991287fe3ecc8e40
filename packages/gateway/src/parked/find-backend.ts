import type { Backend, Route } from '../route-source.ts'
import { openBackendSocket } from './backend-socket.ts'
import type { Handshake } from './handshake.ts'
import type { Peer } from './liveness.ts'
import { noteRefusal } from './note-refusal.ts'
import type { ParkedGround } from './parked-ground.ts'
import type { ParkedPlace, SocketEnd } from './parked-protocol.ts'
import { isLoggedIn } from './session-question.ts'

export interface Search extends ParkedPlace {
  readonly handshake: Handshake
  /** Somebody waits: wake the environment for it. */
  readonly wake: boolean
  /** When last asked. */
  readonly isLoggedIn: boolean
  readonly signal: AbortSignal
}

export type Found =
  | (Peer & { readonly kind: 'found'; readonly backend: Backend })
  | { readonly kind: 'asleep' }
  /** Awake, but it did not take the handshake: worth another try. */
  | { readonly kind: 'not-now' }
  /** It cannot be woken. */
  | { readonly kind: 'failed' }
  /** What the client is to be told. */
  | { readonly kind: 'end'; readonly end: SocketEnd }

export const goingAway: SocketEnd = { code: 1001, reason: '' }

/** Seeks a backend for a client that is there already, with the handshake it once made. Never throws. */
export async function findBackend(ground: ParkedGround, search: Search): Promise<Found> {
  const { limits, protocol } = ground
  const { handshake, signal } = search
  const route = findServing(ground, search)
  if (route === undefined) return { kind: 'end', end: goingAway }
  const backend = await backendOf(ground, search, route)
  if (backend === undefined || backend === 'failed') return { kind: backend ?? 'asleep' }

  // Asked before: a backend would take the handshake of an ended session for that of a stranger.
  if (protocol.session && search.isLoggedIn) {
    const holds = await isLoggedIn(protocol.session, { ...limits, backend, handshake, signal })
    if (holds === false) return { kind: 'end', end: protocol.sessionGone }
  }
  const messageBytesMax = limits.backendMessageBytesMax
  const opening = await openBackendSocket({
    ...limits,
    messageBytesMax,
    backend,
    handshake,
    signal,
  })
  if (opening.kind === 'open') {
    const { socket, connection } = opening
    return { kind: 'found', socket, connection, backend }
  }
  // An end that was ours says nothing of the backend.
  if (!signal.aborted) noteRefusal(ground, { environment: search.environment, backend, opening })
  if (opening.kind !== 'answered') return { kind: 'not-now' }
  const { statusCode } = opening.answer
  opening.answer.destroy()
  const isRefused = statusCode === 401 || statusCode === 403
  return isRefused ? { kind: 'end', end: protocol.sessionGone } : { kind: 'not-now' }
}

/** Undefined when this tenant is no longer served here. */
export function findServing(
  { routes }: Pick<ParkedGround, 'routes'>,
  { environment, hostname }: ParkedPlace,
): Route | undefined {
  const route = routes.find(hostname)
  return route?.environment === environment && route.state.phase === 'serving' ? route : undefined
}

async function backendOf(
  { life, limits }: ParkedGround,
  { wake, handshake, signal }: Search,
  route: Route,
): Promise<Backend | 'failed' | undefined> {
  // Only a wake takes time; a limit for each of thousands that merely come back would cost more than the rest of them.
  const patience = wake
    ? AbortSignal.any([signal, AbortSignal.timeout(limits.wakeTimeoutMs)])
    : signal
  try {
    return await life.backend(route, wake ? { wake, handshake } : { wake }, patience)
  } catch {
    // Why a wake fails is told by those who wake.
    return 'failed'
  }
}
