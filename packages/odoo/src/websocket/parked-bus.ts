import type { IncomingHttpHeaders } from 'node:http'
import Type from 'typebox'
import { Value } from 'typebox/value'
import { BusConversation } from './bus-conversation.ts'
import { isAbsorbed, sessionExpired } from './close-codes.ts'

export interface ParkedBusOptions {
  /** Milliseconds. */
  readonly now: () => number
  /** Reads the highest notification id of this host's database. */
  readonly readPosition?: (hostname: string) => Promise<number | undefined>
  readonly keptFrameBytesMax?: number
}

/** A subscription names some dozen channels of some dozen bytes each; this is room for a thousand. */
const keptFrameBytesMax = 32 * 1024

/** A question of Odoo's own web client: an answer without words, or an error for whoever is not logged in. */
const sessionCheck = {
  path: '/web/session/check',
  contentType: 'application/json',
  body: JSON.stringify({ jsonrpc: '2.0', method: 'call', params: {} }),
  isLoggedIn({ status, body }: { readonly status: number; readonly body: string }) {
    const answer = parseAnswer(status === 200 ? body : '')
    if (answer === undefined) return undefined
    if (answer.error === undefined) return true
    return answer.error.code === sessionExpiredError ? false : undefined
  },
  keyOf: (cookie: string | undefined) =>
    /(?:^|;)[ \t]*session_id=([^;\s]+)/.exec(cookie ?? '')?.[1],
  isLogout: (path: string) => path === '/web/session/logout' || path === '/web/session/destroy',
}

const nothing = '{"jsonrpc": "2.0", "id": null, "result": []}'

/** `/longpolling/poll` of 17 and of older tabs; in JSON-RPC, and its clients do not look at the id. */
const polls = {
  waitMs: 50_000,
  nothingNew: {
    status: 200,
    headers: {
      'Content-Type': 'application/json',
      'Content-Length': String(nothing.length),
      'Cache-Control': 'no-store',
    },
    body: nothing,
  },
}

/** In JSON-RPC, where it has no status of its own. */
const sessionExpiredError = 100

/** Odoo's bus over WebSocket (17, 18, 19), as the gateway parks it: what `ParkedProtocol` asks for. */
export function createParkedBus(options: ParkedBusOptions) {
  const { now, readPosition } = options
  return {
    converse: ({ hostname }: { readonly hostname: string }) =>
      new BusConversation({
        keptFrameBytesMax: options.keptFrameBytesMax ?? keptFrameBytesMax,
        now,
        readPosition: async () => await readPosition?.(hostname),
      }),
    /** The only header that Odoo asks for beyond RFC 6455; its value is the session's business, not the handshake's. */
    objection: ({ origin }: IncomingHttpHeaders) =>
      origin === undefined ? 'Empty or missing header(s): origin' : undefined,
    isAbsorbed,
    session: sessionCheck,
    sessionGone: { code: sessionExpired, reason: '' },
    polls,
  }
}

const answerShape = Type.Object({
  error: Type.Optional(Type.Object({ code: Type.Number() })),
})

function parseAnswer(text: string): Type.Static<typeof answerShape> | undefined {
  try {
    const answer: unknown = JSON.parse(text)
    return Value.Check(answerShape, answer) ? answer : undefined
  } catch {
    return undefined
  }
}
