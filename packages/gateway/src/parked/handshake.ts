import type { IncomingMessage } from 'node:http'
import type { Answer } from '../answers.ts'
import { badHandshake, websocketVersion } from '../answers.ts'

/** What is kept of a client's handshake, to be written anew for each backend. Packed: thousands are kept. */
export interface Handshake {
  /** Target, then names and values in turn; a line each, since none can hold a line end. */
  readonly packed: string
  /** Subprotocols on offer, in the client's order. */
  readonly protocols: readonly string[]
}

export function keepHandshake(request: IncomingMessage, headers: readonly string[]): Handshake {
  const offered = request.headers['sec-websocket-protocol']
  return {
    packed: [request.url ?? '/', ...headers].join('\n'),
    protocols: offered === undefined ? none : offered.split(',').map((name) => name.trim()),
  }
}

const none: readonly string[] = []

/** As long as those of browsers, of which the number of sockets is bound enough. */
const usualLength = 2_048

/** What it takes of the memory for all that sockets keep. */
export function keptBytesOf({ packed }: Handshake): number {
  return Math.max(0, packed.length - usualLength)
}

export function targetOf({ packed }: Handshake): string {
  return packed.split('\n', 1)[0] ?? '/'
}

/** Of the handshake itself: they belong to one hop. */
const ownOfHop = new Set(['sec-websocket-key', 'sec-websocket-version', 'sec-websocket-extensions'])

/** The headers for a backend, repeated ones joined (RFC 9110 5.3; cookies as RFC 6265 has them). */
export function headersOf({ packed }: Handshake): Record<string, string> {
  const lines = packed.split('\n')
  const headers: Record<string, string> = {}
  for (let at = 1; at + 1 < lines.length; at += 2) {
    const name = (lines[at] ?? '').toLowerCase()
    const value = lines[at + 1] ?? ''
    if (ownOfHop.has(name)) continue
    const before = headers[name]
    headers[name] =
      before === undefined ? value : `${before}${name === 'cookie' ? '; ' : ', '}${value}`
  }
  return headers
}

/** Why this is no handshake that any server takes (RFC 6455 4.2.1): said by the gateway, which ends WebSocket here. */
export function refusalOfHandshake({ headers }: IncomingMessage): Answer | undefined {
  if (headers['sec-websocket-version'] !== '13') return websocketVersion
  if (!/^[+/0-9A-Za-z]{22}==$/.test(headers['sec-websocket-key'] ?? '')) return badHandshake
  const offered = headers['sec-websocket-protocol']
  if (offered !== undefined && !isProtocolList(offered)) return badHandshake
  return undefined
}

function isProtocolList(offered: string): boolean {
  const names = offered.split(',').map((name) => name.trim())
  return (
    names.every((name) => /^[\w!#$%&'*+.^`|~-]+$/.test(name)) &&
    new Set(names).size === names.length
  )
}
