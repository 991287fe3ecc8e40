import { connect, type Socket } from 'node:net'
import type { Deadlines, Timed } from './deadlines.ts'

/** Who uses a connection at the moment. */
export interface ConnectionUser {
  onConnected(): void
  /** Bytes that are valid during the call only; false stops the reading until `resume`. */
  onBytes(bytes: Buffer): boolean
  /** The backend has closed its side. */
  onBackendEnd(): void
  onDrain(): void
  /** Nothing follows. */
  onClosed(cause: Error): void
  onLate(): void
}

export interface Connection extends Timed {
  readonly socket: Socket
  /** Where it leads. */
  readonly key: string
  user: ConnectionUser | undefined
  /** From now; Infinity for no limit. */
  limit(ms: number): void
}

/**
 * What is read is handled before the next read, in whatever connection, so one buffer serves all: a buffer for each
 * read would be most of what the gateway allocates.
 */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024)

export interface OpenOptions {
  readonly address: string
  readonly port: number
  readonly deadlines: Deadlines
  /** It has closed while nobody used it. */
  readonly onIdleClosed: (connection: Connection) => void
}

/** Opens a connection; whoever uses it later, its events are wired once. */
export function openConnection(options: OpenOptions): Connection {
  const { address, port, deadlines } = options
  let cause = new Error('the backend has closed the connection')
  const socket = connect({
    host: address,
    port,
    noDelay: true,
    onread: {
      buffer: readBuffer,
      callback(bytes) {
        // Nobody has asked for anything: what comes now could only be taken for the answer to a later request.
        if (connection.user) return connection.user.onBytes(readBuffer.subarray(0, bytes))
        socket.destroy()
        return false
      },
    },
  })
  let deadline = Number.POSITIVE_INFINITY
  const connection: Connection = {
    socket,
    key: keyOf(address, port),
    user: undefined,
    get deadline() {
      return deadline
    },
    limit(ms) {
      deadline = deadlines.after(ms)
    },
    onLate: () => (connection.user ? connection.user.onLate() : void socket.destroy()),
  }
  socket.on('connect', () => connection.user?.onConnected())
  socket.on('drain', () => connection.user?.onDrain())
  socket.on('end', () => connection.user?.onBackendEnd())
  socket.on('error', (error) => {
    cause = error
  })
  socket.on('close', () => {
    deadlines.delete(connection)
    if (connection.user) connection.user.onClosed(cause)
    else options.onIdleClosed(connection)
  })
  deadlines.add(connection)
  return connection
}

export function keyOf(address: string, port: number): string {
  return `${address}:${port}`
}
