import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** So many requests may wait on one connection for those before them. */
const waitingMax = 32

/**
 * The requests of each connection, one after the other. Node hands them over as they come and only sorts the answers:
 * but side by side only safe ones may be carried out (RFC 9112 9.3.2), an answer before its turn takes memory, and
 * whether its client has left nobody would tell it.
 */
export interface RequestLines {
  /**
   * Runs once the answers before this one have left; not at all, should the connection end before. False: too many
   * wait already, and somebody has to say so.
   */
  join(socket: Socket, response: ServerResponse, run: () => void): boolean
  /** The newest answer of a connection, begun or not; undefined if nothing was asked on it. */
  newest(socket: Duplex): ServerResponse | undefined
  /** The answer whose turn it is, or was last. */
  current(socket: Duplex): ServerResponse | undefined
  /** Every answer is given, though the bytes of the last may still be on their way. */
  isAnswered(socket: Duplex): boolean
  /** Every connection on which something was asked. */
  all(): Iterable<{ readonly socket: Socket; readonly newest: ServerResponse }>
}

interface Line {
  readonly socket: Socket
  newest: ServerResponse
  current: ServerResponse
  waiting: number
}

export function createRequestLines(): RequestLines {
  const lines = new Map<Duplex, Line>()

  function open(socket: Socket, newest: ServerResponse) {
    lines.set(socket, { socket, newest, current: newest, waiting: 0 })
    socket.once('close', () => lines.delete(socket))
  }

  return {
    join(socket, response, run) {
      const line = lines.get(socket)
      if (line === undefined || line.newest.writableFinished) {
        if (line === undefined) open(socket, response)
        else line.newest = line.current = response
        run()
        return true
      }
      const before = line.newest
      line.newest = response
      if (line.waiting >= waitingMax) return false
      line.waiting += 1
      before.once('close', () => {
        line.waiting -= 1
        line.current = response
        // Neither after an answer that was said to be the last, nor for somebody who has left.
        if (socket.writable) run()
      })
      return true
    },
    isAnswered(socket) {
      const newest = lines.get(socket)?.newest
      if (newest === undefined || newest.writableFinished) return true
      return newest.writableEnded && newest.socket !== null
    },
    newest: (socket) => lines.get(socket)?.newest,
    current: (socket) => lines.get(socket)?.current,
    all: () => lines.values(),
  }
}
