import { type IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { pipeline } from 'node:stream'
import { responseHeaders } from './headers.ts'

/** Gives the client the answer of a backend that did not switch, as far as its framing reaches, and no more. */
export function passOn(request: IncomingMessage, answer: IncomingMessage, idleTimeoutMs: number) {
  const response = responseOn(request)
  response.writeHead(answer.statusCode ?? 0, responseHeaders(answer.headers))
  answer.setTimeout(idleTimeoutMs, () => answer.destroy())
  pipeline(answer, response, (error) => {
    answer.destroy()
    if (error) request.socket.destroy()
  })
}

/** How long a client may still send after its last answer, lest a reset of the connection takes that answer away. */
const lingerMs = 1_000

/** An ordinary answer on a socket that was not upgraded; it is the last one there. */
export function responseOn(request: IncomingMessage): ServerResponse {
  const { socket } = request
  stopWatching(socket)
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  response.assignSocket(socket)
  response.on('finish', () => {
    response.detachSocket(socket)
    const cut = setTimeout(() => socket.destroy(), lingerMs)
    socket.once('close', () => clearTimeout(cut)).end()
    socket.resume()
  })
  return response
}

/**
 * Notices that a client has gone although nothing of what it sends is taken yet: what comes early waits in the socket,
 * within its bounds. Holds until the socket is joined or answered.
 */
export function watchClient(socket: Socket) {
  ignoreErrors(socket)
  socket.on('readable', lookForEnd).on('end', destroy)
}

/** Nobody else listens, since the socket is no longer the server's; 'close' follows. */
export function ignoreErrors(socket: Socket) {
  socket.off('error', ignore).on('error', ignore)
}

/** Before the socket is joined or answered. */
export function stopWatching(socket: Socket) {
  socket.off('readable', lookForEnd).off('end', destroy)
}

function ignore() {}

function lookForEnd(this: Socket) {
  this.read(0)
}

function destroy(this: Socket) {
  this.destroy()
}
