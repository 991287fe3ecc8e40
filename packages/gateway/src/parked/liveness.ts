import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import type { Clock } from '../clock.ts'
import type { ParkedLimits } from './parked-limits.ts'
import { isBehind } from './relay.ts'

/** One end of a parked socket. */
export interface Peer {
  readonly socket: WebSocket
  /** Beneath it. */
  readonly connection: Pick<Socket, 'bytesRead'>
}

/**
 * Whether both ends of a parked socket are still there: a silent one is asked, and cut if it stays silent. Each byte
 * counts, since an answer comes behind a message that is on its way.
 */
export interface Liveness {
  watchBackend(backend: Peer | undefined): void
  visit(): void
}

export function createLiveness(
  client: Peer,
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
  const askClient = createQuestion(client)
  let askBackend: (() => void) | undefined
  return {
    watchBackend(backend) {
      askBackend = backend && createQuestion(backend)
    },
    visit() {
      const now = clock.now()
      if (now < due) return
      due = now + pingMs
      askClient()
      askBackend?.()
    },
  }
}

function createQuestion({ socket, connection }: Peer): () => void {
  let { bytesRead } = connection
  let unanswered = 0
  return () => {
    const isHeard = connection.bytesRead !== bytesRead
    bytesRead = connection.bytesRead
    if (socket.isPaused || isBehind(socket)) {
      // It cannot be heard, or cannot hear; and what it is behind with lies in kernels for a while after that.
      unanswered = -1
      return
    }
    if (isHeard) unanswered = Math.min(0, unanswered)
    if (unanswered > 0) return socket.terminate()
    if (socket.readyState === socket.OPEN) socket.ping()
    unanswered += 1
  }
}
