import type { Waking } from '../admission/wake-door.ts'
import { hasCredentials } from '../classes/request-traits.ts'
import type { Clock } from '../clock.ts'
import type { Lives } from '../life/lives.ts'
import type { Backend, Route } from '../route-source.ts'
import { type Handshake, headersOf } from './handshake.ts'

/** What parked sockets need of an environment's life. */
export interface SocketLife {
  /**
   * A backend to attach to now; undefined while the environment is asleep or being put to sleep. With `wake` it is
   * woken, and the answer comes when it is ready; rejects when it cannot be.
   */
  backend(route: Route, options: SocketWish, signal: AbortSignal): Promise<Backend | undefined>
  /** A backend took nothing of a handshake: sealed, or it is not whom we meant. */
  refused(environment: string, backend: Backend, isSealed: boolean): void
  /** A user's message has come: activity, as a request is. */
  active(environment: string): void
}

/** Whether the environment is woken for the socket. */
export type SocketWish =
  | { readonly wake: false }
  /** By whom it is woken, its client's handshake tells. */
  | { readonly wake: true; readonly handshake: Handshake }

export interface SocketLifeOptions {
  readonly lives: () => Lives
  readonly clock: Clock
  /** Whether wakes are left for this client. */
  readonly mayWake: (waking: Waking) => boolean
}

/** A socket is no request: what it is attached to may fall asleep, and only a user's words wake it. */
export function createSocketLife({ lives, clock, mayWake }: SocketLifeOptions): SocketLife {
  return {
    async backend({ environment }, wish, signal) {
      if (!wish.wake) return lives().ready(environment)
      if (!mayWake(wakingOf(environment, wish.handshake))) {
        throw new Error(`${environment} is not woken: its wakes are used up`)
      }
      const turn = await lives().turn(environment, {
        bytes: 0,
        since: clock.now(),
        cause: 'request',
        onLeft(run) {
          signal.addEventListener('abort', run, { once: true })
          return () => signal.removeEventListener('abort', run)
        },
      })
      if (turn.type === 'none') throw new Error(`${environment} cannot be woken: ${turn.because}`)
      turn.life.finish(turn, true)
      return turn.backend
    },
    refused: (environment, backend, isSealed) => lives().doubt(environment, backend, isSealed),
    active: (environment) => lives().active(environment),
  }
}

function wakingOf(environment: string, handshake: Handshake): Waking {
  const headers = headersOf(handshake)
  return {
    environment,
    // The gateway's own word: that of the client has been dropped.
    clientAddress: headers['x-forwarded-for'] ?? '',
    entitled: hasCredentials(headers),
  }
}
