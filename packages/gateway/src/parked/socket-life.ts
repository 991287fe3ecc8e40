import type { Clock } from '../clock.ts'
import type { Lives } from '../life/lives.ts'
import type { Backend, Route } from '../route-source.ts'

/** What parked sockets need of an environment's life. */
export interface SocketLife {
  /**
   * A backend to attach to now; undefined while the environment is asleep or being put to sleep. With `wake` it is
   * woken, and the answer comes when it is ready; rejects when it cannot be.
   */
  backend(
    route: Route,
    options: { readonly wake: boolean },
    signal: AbortSignal,
  ): Promise<Backend | undefined>
  /** A user's message has come: activity, as a request is. */
  active(environment: string): void
}

/** A socket is no request: what it is attached to may fall asleep, and only a user's words wake it. */
export function createSocketLife(lives: () => Lives, clock: Clock): SocketLife {
  return {
    async backend({ environment }, { wake }, signal) {
      if (!wake) return lives().ready(environment)
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
    active: (environment) => lives().active(environment),
  }
}
