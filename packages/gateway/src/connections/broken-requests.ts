import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { RequestLines } from './request-lines.ts'

/** What becomes of bytes that are no request, or of one that does not come to its end. */
export interface BrokenRequests {
  /** To be called with what Node's parser says; the connection ends. */
  refuse(error: Error, socket: Duplex): void
  /** Nothing that comes there is taken any more. */
  isBroken(socket: Duplex): boolean
}

/**
 * They get their refusal in their turn: Node would give it to the request that is being answered, which may be a whole
 * one, held for its environment.
 */
export function createBrokenRequests(lines: RequestLines): BrokenRequests {
  const broken = new WeakSet<Duplex>()
  return {
    refuse(error, socket) {
      // A parser that has failed once fails at each byte.
      if (broken.has(socket)) return
      broken.add(socket)
      const status = statusOf(error)
      if (status === undefined) return void socket.destroy()
      const newest = lines.newest(socket)
      const end = () => endWith(status, socket)
      if (newest === undefined || newest.writableFinished) end()
      else if (isItsOwn(newest)) {
        if (newest.headersSent) socket.destroy()
        else end()
      } else newest.once('close', end)
    },
    isBroken: (socket) => broken.has(socket),
  }
}

/** What broke is the body of the request that is being answered. */
function isItsOwn({ req, socket }: ServerResponse): boolean {
  return socket !== null && !req.complete
}

/** Undefined for what nobody could be told: the connection is broken, or its TLS. */
function statusOf(error: Error): number | undefined {
  const code = 'code' in error ? String(error.code) : ''
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 408
  if (code === 'HPE_HEADER_OVERFLOW') return 431
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') return 413
  return code.startsWith('HPE_') ? 400 : undefined
}

function endWith(status: number, socket: Duplex) {
  if (!socket.writable) return void socket.destroy()
  const text = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n\r\n`
  socket.end(text, 'latin1', () => socket.destroy())
}
