import {
  type ClientRequest,
  type IncomingMessage,
  ServerResponse,
  request as send,
} from 'node:http'
import type { Socket } from 'node:net'
import { pipeline } from 'node:stream'
import { type Answer, backendTimeout, backendUnreachable } from './answers.ts'
import { responseHeaders } from './headers.ts'
import type { Backend } from './route-source.ts'
import { sendAnswer } from './send-answer.ts'

export interface UpgradeOptions {
  readonly backend: Backend
  /** Flat list, without the hop's own Connection and Upgrade. */
  readonly headers: readonly string[]
  readonly connectTimeoutMs: number
  readonly answerTimeoutMs: number
  readonly answerIdleTimeoutMs: number
}

/**
 * Joins a WebSocket (RFC 6455) to the backend. The handshake is written anew; only once the backend has switched
 * protocols do bytes pass both ways untouched. Until then nothing of what the client sends reaches the backend: after
 * any other answer it would be taken for requests that nobody has checked. Resolves with the status of the handshake.
 */
export function upgrade(
  request: IncomingMessage,
  head: Buffer,
  options: UpgradeOptions,
): Promise<number> {
  const client = request.socket
  const outgoing = openHandshake(request, options)
  const late = setTimeout(() => outgoing.destroy(new HandshakeTimeout()), options.answerTimeoutMs)
  const onClose = () => outgoing.destroy()
  client.once('close', onClose)
  const { promise, resolve } = Promise.withResolvers<number>()
  let settled = false
  const settle = (status: number) => {
    settled = true
    clearTimeout(late)
    resolve(status)
  }

  outgoing.on('upgrade', (answer, upstream, upstreamHead) => {
    client.off('close', onClose)
    stopWatching(client)
    client.write(switchingOf(answer), 'latin1')
    if (upstreamHead.length > 0) client.write(upstreamHead)
    if (head.length > 0) upstream.write(head)
    join(client, upstream)
    settle(101)
  })
  outgoing.on('response', (answer) => {
    if (!isFinal(answer)) return refuse(backendUnreachable)
    passOn(request, answer, options.answerIdleTimeoutMs)
    settle(answer.statusCode ?? 0)
  })
  outgoing.on('error', (error) => {
    // What breaks after the head of the answer is seen by those who read its body.
    if (settled) return
    if (client.destroyed) return settle(499)
    refuse(error instanceof HandshakeTimeout ? backendTimeout : backendUnreachable)
  })
  return promise

  function refuse(answer: Answer) {
    const response = responseOn(request)
    sendAnswer(request, response, answer)
    settle(response.statusCode)
    outgoing.destroy()
  }
}

class HandshakeTimeout extends Error {}

function openHandshake(
  { url, headers: { upgrade: protocol = 'websocket' } }: IncomingMessage,
  { backend, headers, connectTimeoutMs }: UpgradeOptions,
): ClientRequest {
  const outgoing = send({
    host: backend.address,
    port: backend.websocketPort,
    path: url ?? '/',
    headers: [...headers, 'Connection', 'Upgrade', 'Upgrade', protocol],
    agent: false,
    maxHeaderSize: 32 * 1024,
  })
  outgoing.on('socket', (socket) => {
    socket.setTimeout(connectTimeoutMs, () => outgoing.destroy(new Error('cannot connect in time')))
    // From then on the two ends decide how long they stay silent: Odoo closes idle sockets itself.
    socket.once('connect', () => socket.setTimeout(0).setNoDelay(true))
  })
  return outgoing.end()
}

function switchingOf({ headers }: IncomingMessage): string {
  const lines = Object.entries(responseHeaders(headers)).flatMap(([name, values]) =>
    [values].flat().map((value) => `${name}: ${value}\r\n`),
  )
  return `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${lines.join('')}\r\n`
}

/** Bytes both ways; the end of one is the end of the other, after what it still had to say. */
function join(client: Socket, upstream: Socket) {
  client.pipe(upstream)
  upstream.pipe(client)
  upstream.on('error', () => {})
  client.on('close', () => upstream.destroy())
  upstream.on('close', () => client.destroySoon())
}

/** Gives the client the answer of a backend that did not switch, as far as its framing reaches, and no more. */
function passOn(request: IncomingMessage, answer: IncomingMessage, idleTimeoutMs: number) {
  const response = responseOn(request)
  response.writeHead(answer.statusCode ?? 0, responseHeaders(answer.headers))
  answer.setTimeout(idleTimeoutMs, () => answer.destroy())
  pipeline(answer, response, (error) => {
    answer.destroy()
    if (error) request.socket.destroy()
  })
}

/** A parser takes three digits for a status, whatever they are. */
function isFinal({ statusCode = 0 }: IncomingMessage): boolean {
  return statusCode >= 200
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
  // Nobody else listens, since the socket is no longer the server's; 'close' follows.
  socket.on('error', () => {})
  socket.on('readable', lookForEnd).on('end', destroy)
}

function stopWatching(socket: Socket) {
  socket.off('readable', lookForEnd).off('end', destroy)
}

function lookForEnd(this: Socket) {
  this.read(0)
}

function destroy(this: Socket) {
  this.destroy()
}
