import { Attempt, type Connections } from './attempt.ts'
import type { Call, CallControl, CallHandler } from './call.ts'
import { type Connection, keyOf, openConnection } from './connection.ts'
import { createDeadlines } from './deadlines.ts'
import { createIdleConnections } from './idle-connections.ts'

/** Speaks HTTP/1 to backends. */
export interface Upstream {
  /** Never throws: what goes wrong, the handler hears, possibly before this returns. */
  send(call: Call, handler: CallHandler): CallControl
  /** Cuts every connection. */
  close(): void
}

/** How late a time limit may be noticed. */
const tickMsMax = 1_000

export interface UpstreamOptions {
  /** The shortest of the time limits that calls will have. */
  readonly shortestTimeoutMs: number
}

/**
 * Our own client, because every request of every tenant passes here: what a general one does for each (streams, timers,
 * abort signals, header objects) cost more than all else that the gateway does. It reads strictly, keeps connections to
 * backends that keep theirs, and knows whether a byte of a request was written.
 */
export function createUpstream({ shortestTimeoutMs }: UpstreamOptions): Upstream {
  const deadlines = createDeadlines(Math.min(tickMsMax, Math.max(5, shortestTimeoutMs / 10)))
  const idle = createIdleConnections({ idleMaxPerBackend: 256, idleMax: 4096, idleMs: 4_000 })
  const open = new Set<Connection>()

  const connections: Connections = {
    takeKept: ({ address, port }) => idle.take(keyOf(address, port)),
    keep: idle.put,
    open({ address, port }) {
      const connection = openConnection({ address, port, deadlines, onIdleClosed: idle.forget })
      open.add(connection)
      connection.socket.once('close', () => open.delete(connection))
      return connection
    },
  }

  return {
    send: (call, handler) => new Attempt(call, handler, connections),
    close() {
      for (const { socket } of open) socket.destroy()
    },
  }
}
