import type { IncomingMessage, Server } from 'node:http'
import { TLSSocket } from 'node:tls'
import { hasBody } from '../request-body.ts'

/** RFC 6455 4.1; bytes after the head belong to the WebSocket only if no body was announced. */
export function isHandshake(request: IncomingMessage): boolean {
  const isWebSocket = request.headers.upgrade?.toLowerCase() === 'websocket'
  return isWebSocket && request.method === 'GET' && !hasBody(request)
}

/**
 * Whether a request that offers another protocol, to be passed over (RFC 9110 7.8), has a body that may break off its
 * framing: of that Node's parser tells nothing where there is an offer, and its end would be waited for.
 */
export function isToReadAnew({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined
}

/** Gives Node the connection again, as if its client had offered nothing; `rest` is what followed the head. */
export function readAnew(server: Server, request: IncomingMessage, rest: Buffer) {
  const { socket } = request
  // Left of the answer before, after which it was idle; whoever listens anew knows of none.
  socket.setTimeout(0)
  socket.unshift(Buffer.concat([Buffer.from(headWithoutOffer(request), 'latin1'), rest]))
  server.emit(socket instanceof TLSSocket ? 'secureConnection' : 'connection', socket)
}

/** As it came: its parser has made no change to names and values, and found no line break in them. */
function headWithoutOffer({ method, url, httpVersion, rawHeaders }: IncomingMessage): string {
  let head = `${method} ${url} HTTP/${httpVersion}\r\n`
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    if (name.toLowerCase() !== 'upgrade') head += `${name}: ${rawHeaders[at + 1]}\r\n`
  }
  return `${head}\r\n`
}
