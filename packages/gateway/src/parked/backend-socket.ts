import { Agent, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { WebSocket } from 'ws'
import { identityHeader, responseHeaders } from '../headers.ts'
import type { Backend } from '../route-source.ts'
import { type Handshake, headersOf, targetOf } from './handshake.ts'

export interface BackendSocketOptions {
  readonly backend: Backend
  readonly handshake: Handshake
  readonly messageBytesMax: number
  readonly connectTimeoutMs: number
  readonly answerTimeoutMs: number
  readonly closeTimeoutMs: number
  readonly signal: AbortSignal
}

export type BackendOpening =
  /** Paused: it is read only once somebody listens. */
  | {
      readonly kind: 'open'
      readonly socket: WebSocket
      /** Beneath it. */
      readonly connection: Socket
      readonly protocol: string | undefined
      /** Of the switch, less those of the hop and of the handshake itself. */
      readonly headers: Record<string, string | string[]>
    }
  /** Not switched; the connection ends with the answer's body, which the caller reads or destroys. */
  | { readonly kind: 'answered'; readonly answer: IncomingMessage }
  /** There was no connection: not a byte of the handshake was written. */
  | { readonly kind: 'unreachable' }
  /** It may have taken the handshake, and gave no answer to it. */
  | { readonly kind: 'broken'; readonly isLate: boolean }

/** Opens the gateway's own WebSocket (RFC 6455, no extensions) to a backend, with the client's handshake written anew. */
export function openBackendSocket(options: BackendSocketOptions): Promise<BackendOpening> {
  const { backend, handshake, signal } = options
  const { promise, resolve } = Promise.withResolvers<BackendOpening>()
  let isConnected = false
  const onConnected = () => {
    isConnected = true
  }
  const socket = new WebSocket(urlOf(backend, handshake), socketOptions(options, onConnected))
  let isLate = false
  const late = setTimeout(() => {
    isLate = true
    socket.terminate()
  }, options.answerTimeoutMs)
  const onAbort = () => socket.terminate()
  signal.addEventListener('abort', onAbort, { once: true })
  const settle = (opening: BackendOpening) => {
    clearTimeout(late)
    signal.removeEventListener('abort', onAbort)
    resolve(opening)
  }

  socket.on('upgrade', (answer) => {
    const switched = { ...answer.headers }
    // Whether a subprotocol is chosen is between the two ends: this library insists on one for each offer.
    delete answer.headers['sec-websocket-protocol']
    const protocol = switched['sec-websocket-protocol']
    if (!isOffered(handshake, protocol)) return socket.terminate()
    const { socket: connection } = answer
    socket.once('open', () => {
      socket.pause()
      settle({ kind: 'open', socket, connection, protocol, headers: headersOfSwitch(switched) })
    })
  })
  socket.on('unexpected-response', (_request, answer) => {
    // A parser takes three digits for a status, whatever they are.
    if ((answer.statusCode ?? 0) >= 200) return settle({ kind: 'answered', answer })
    answer.destroy()
    settle({ kind: 'broken', isLate })
  })
  socket.on('error', () =>
    settle(isConnected ? { kind: 'broken', isLate } : { kind: 'unreachable' }),
  )
  if (signal.aborted) socket.terminate()
  return promise
}

/** After an answer that is no switch the connection has had its one request. */
const singleUse = new Agent({ keepAlive: false })

function urlOf({ address, websocketPort }: Backend, handshake: Handshake): string {
  const host = address.includes(':') ? `[${address}]` : address
  return `ws://${host}:${websocketPort}${targetOf(handshake)}`
}

function socketOptions(
  { backend, handshake, ...options }: BackendSocketOptions,
  onConnected: () => void,
) {
  return {
    headers: {
      ...headersOf(handshake),
      ...(backend.identity !== undefined && { [identityHeader]: backend.identity }),
    },
    agent: singleUse,
    perMessageDeflate: false,
    maxPayload: options.messageBytesMax,
    closeTimeout: options.closeTimeoutMs,
    maxHeaderSize: 32 * 1024,
    finishRequest(request) {
      request.on('socket', (connection) => {
        connection.setTimeout(options.connectTimeoutMs, () =>
          request.destroy(new Error('cannot connect in time')),
        )
        // From then on the two ends decide how long they stay silent.
        connection.once('connect', () => {
          onConnected()
          connection.setTimeout(0).setNoDelay(true)
        })
      })
      request.end()
    },
  } satisfies WebSocket.ClientOptions & Record<string, unknown>
}

function isOffered({ protocols }: Handshake, chosen: string | undefined): boolean {
  return chosen === undefined || protocols.includes(chosen)
}

const ownOfSwitch = /^sec-websocket-/

function headersOfSwitch(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const kept = Object.entries(responseHeaders(headers)).filter(([name]) => !ownOfSwitch.test(name))
  return Object.fromEntries(kept)
}
