import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Backend } from './route-source.ts'

export interface UpgradeOptions {
  readonly backend: Backend
  /** Flat list, without the hop's own Connection and Upgrade. */
  readonly headers: readonly string[]
  readonly connectTimeoutMs: number
}

/** Joins a WebSocket (RFC 6455) to the backend: the handshake is written anew, then bytes pass both ways untouched. */
export function upgrade(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  { backend, headers, connectTimeoutMs }: UpgradeOptions,
) {
  const upstream = connect({ host: backend.address, port: backend.websocketPort })
  upstream.setTimeout(connectTimeoutMs, () => upstream.destroy())
  upstream.once('connect', () => {
    // From here on the two ends decide how long they stay silent: Odoo closes idle sockets itself.
    upstream.setTimeout(0)
    upstream.setNoDelay(true)
    upstream.write(handshakeOf(request, headers))
    if (head.length > 0) upstream.write(head)
    socket.pipe(upstream)
    upstream.pipe(socket)
  })
  upstream.on('error', () => refuseUpgrade(socket, 502, 'Bad Gateway'))
  upstream.on('close', () => socket.end())
  socket.on('error', () => upstream.destroy())
  socket.on('close', () => upstream.destroy())
}

/** Ends a socket that was not upgraded with a plain answer. */
export function refuseUpgrade(socket: Duplex, status: number, text: string) {
  if (socket.writable && !socket.writableEnded) {
    socket.end(`HTTP/1.1 ${status} ${text}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
  }
}

function handshakeOf(request: IncomingMessage, headers: readonly string[]): string {
  const lines = [`${request.method} ${request.url} HTTP/1.1`]
  for (let at = 0; at + 1 < headers.length; at += 2)
    lines.push(`${headers[at]}: ${headers[at + 1]}`)
  lines.push('Connection: Upgrade', `Upgrade: ${request.headers.upgrade ?? 'websocket'}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}
