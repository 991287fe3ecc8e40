import type { IncomingMessage } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'
import { stopWatching } from '../upgrade.ts'

export interface ClientSocketsOptions {
  readonly clientMessageBytesMax: number
  readonly closeTimeoutMs: number
}

/** What a client's handshake is answered with, besides what RFC 6455 asks for. */
export interface Switch {
  readonly protocol?: string | undefined
  readonly headers?: Readonly<Record<string, string | string[]>>
}

/** Switches clients to WebSocket (RFC 6455, no extensions); the handshake has been checked. */
export type SwitchClient = (
  request: IncomingMessage,
  head: Buffer,
  answer: Switch,
) => WebSocket | undefined

export function createClientSockets(options: ClientSocketsOptions): SwitchClient {
  const answers = new WeakMap<IncomingMessage, Switch>()
  const settings = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: options.clientMessageBytesMax,
    closeTimeout: options.closeTimeoutMs,
    handleProtocols: (_offered: Set<string>, request: IncomingMessage) =>
      answers.get(request)?.protocol ?? false,
  } satisfies WebSocketServer['options'] & Record<string, unknown>
  const server = new WebSocketServer(settings)
  server.on('headers', (lines, request) => {
    for (const [name, values] of Object.entries(answers.get(request)?.headers ?? {})) {
      for (const value of [values].flat()) lines.push(`${name}: ${value}`)
    }
  })

  return (request, head, answer) => {
    let switched: WebSocket | undefined
    answers.set(request, answer)
    stopWatching(request.socket)
    server.handleUpgrade(request, request.socket, head, (socket) => (switched = socket))
    return switched
  }
}
