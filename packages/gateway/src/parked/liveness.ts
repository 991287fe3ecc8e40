import type { WebSocket } from 'ws'
import type { Clock } from '../clock.ts'
import type { ParkedLimits } from './parked-limits.ts'

/** Whether both ends of a parked socket are still there: a silent one is asked, and cut if it stays silent. */
export interface Liveness {
  heard(): void
  heardBackend(): void
  watchBackend(backend: WebSocket | undefined): void
  visit(): void
}

export function createLiveness(
  client: WebSocket,
  {
    clock,
    limits: { pingMs },
    random,
  }: {
    readonly clock: Clock
    readonly limits: Pick<ParkedLimits, 'pingMs'>
    readonly random: () => number
  },
): Liveness {
  // Spread from the start, or all that came together would be asked together.
  let due = clock.now() + pingMs * (0.5 + random() / 2)
  let isClientSilent = false
  let isBackendSilent = false
  let backend: WebSocket | undefined
  client.on('pong', heard)

  function heard() {
    isClientSilent = false
  }

  function heardBackend() {
    isBackendSilent = false
  }

  /** One that is not read cannot be heard. */
  function ask(socket: WebSocket, isSilent: boolean): boolean {
    if (socket.isPaused) return false
    if (isSilent) socket.terminate()
    else if (socket.readyState === socket.OPEN) socket.ping()
    return true
  }

  return {
    heard,
    heardBackend,
    watchBackend(next) {
      backend = next
      isBackendSilent = false
      next?.on('pong', heardBackend)
    },
    visit() {
      const now = clock.now()
      if (now < due) return
      due = now + pingMs
      isClientSilent = ask(client, isClientSilent)
      if (backend !== undefined) isBackendSilent = ask(backend, isBackendSilent)
    },
  }
}
