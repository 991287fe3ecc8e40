import type { Clock } from '../clock.ts'
import type { ParkedSocket } from './parked-socket.ts'

/** The open sockets of one environment. */
export interface Crowd {
  readonly sockets: Set<ParkedSocket>
  /** It was said, and not taken back yet. */
  isAsleep: boolean
}

/** All open sockets, by environment, each visited once a second. */
export interface Crowds {
  get(environment: string): Crowd | undefined
  /** An empty one, where there is none yet. */
  mustGet(environment: string): Crowd
  join(socket: ParkedSocket): void
  leave(this: void, socket: ParkedSocket): void
  all(): Iterable<ParkedSocket>
  readonly size: number
}

const visitEveryMs = 1_000
/** Between two looks at each environment as a whole. */
const lookEveryVisits = 5

export function createCrowds(clock: Clock, onLook: (crowd: Crowd) => void): Crowds {
  const crowds = new Map<string, Crowd>()
  let size = 0
  let visits = 0
  let stopVisits: (() => void) | undefined

  function mustGet(environment: string): Crowd {
    const crowd = crowds.get(environment) ?? { sockets: new Set(), isAsleep: false }
    crowds.set(environment, crowd)
    return crowd
  }

  function* all() {
    for (const { sockets } of crowds.values()) yield* sockets
  }

  function visit() {
    visits += 1
    for (const socket of all()) socket.visit()
    if (visits % lookEveryVisits === 0) for (const crowd of crowds.values()) onLook(crowd)
    stopVisits = size === 0 ? undefined : clock.after(visitEveryMs, visit)
  }

  return {
    get: (environment) => crowds.get(environment),
    mustGet,
    join(socket) {
      mustGet(socket.environment).sockets.add(socket)
      size += 1
      stopVisits ??= clock.after(visitEveryMs, visit)
    },
    leave(socket) {
      const crowd = crowds.get(socket.environment)
      if (!crowd?.sockets.delete(socket)) return
      size -= 1
      if (crowd.sockets.size === 0) crowds.delete(socket.environment)
      if (size > 0) return
      stopVisits?.()
      stopVisits = undefined
    },
    all,
    get size() {
      return size
    },
  }
}
