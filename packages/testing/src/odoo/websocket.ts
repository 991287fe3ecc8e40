import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { type Bus, channelsOf, readNotifications, type Subscriber, trustedLast } from './bus.ts'
import type { Exchange } from './exchange.ts'
import { findDatabase } from './host-database.ts'
import { isRecord } from './json-rpc.ts'
import { noteAbsence, notePresence } from './presence.ts'
import { type Registries, type Registry, RegistryError } from './registries.ts'
import type { Session } from './sessions.ts'
import type { Site } from './site.ts'
import { isLoggedIn } from './users.ts'

const closeCodes = { clean: 1000, goingAway: 1001, sessionExpired: 4001, keepAlive: 4002 }

export interface Websockets {
  /** Completes the handshake, or refuses it on the socket; settles when it is answered. */
  accept(request: IncomingMessage, exchange: Exchange, socket: Duplex, head: Buffer): Promise<void>
  /** A threaded server says goodbye; the evented process of a prefork server is simply killed. */
  closeAll(politely: boolean): void
}

const maximumMessageBytes = 2 ** 20
const pingAfterMs = 45_000
/** Ids may commit out of order: what was sent is remembered this long instead of trusting the highest id. */
const historyMs = 10_000

export function createWebsockets(site: Site, registries: Registries, bus: Bus): Websockets {
  const server = new WebSocketServer({ noServer: true, maxPayload: maximumMessageBytes })
  const cookies = new WeakMap<IncomingMessage, string>()
  server.on('headers', (headers, request) => {
    const cookie = cookies.get(request)
    if (cookie) headers.push(`Set-Cookie: ${cookie}`)
  })

  const openDatabase = async (exchange: Exchange) => {
    try {
      const { session, database } = await findDatabase(site, exchange)
      return { session, registry: database ? await registries.open(database) : undefined }
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error
      return 'unopened'
    }
  }

  const accept: Websockets['accept'] = async (request, exchange, socket, head) => {
    socket.on('error', () => socket.destroy())
    const missing = ['host', 'origin', 'sec-websocket-key', 'sec-websocket-version'].filter(
      (name) => !request.headers[name],
    )
    if (missing.length > 0)
      return refuse(socket, 400, `Empty or missing header(s): ${missing.join(', ')}`)

    const found = await openDatabase(exchange)
    if (found === 'unopened' && site.options.identity) {
      return refuse(socket, 503, 'The database cannot be reached.')
    }
    if (found === 'unopened' || !found.registry) {
      return refuse(socket, 404, 'No database for this host.')
    }
    const { session, registry } = found

    session.dirty = true
    await site.sessions.save(session)
    if (exchange.cookies.get('session_id') !== session.sid) {
      cookies.set(request, `session_id=${session.sid}; HttpOnly; Path=/; SameSite=Lax`)
    }
    server.handleUpgrade(request, socket, head, (ws) => {
      const outdated = exchange.query.get('version') !== site.major.websocketVersion
      // Only browsers hold a worker script that could be outdated.
      if (/Mozilla\//.test(request.headers['user-agent'] ?? '') && outdated) {
        ws.close(closeCodes.clean, 'OUTDATED_VERSION')
        return
      }
      converse({ site, registries, bus, ws, session, database: registry.database })
    })
  }

  return {
    accept: (...handshake) =>
      accept(...handshake).catch(() => {
        handshake[2].destroy()
      }),
    closeAll(politely) {
      for (const ws of server.clients) {
        if (politely) ws.close(closeCodes.goingAway)
        else ws.terminate()
      }
    },
  }
}

interface Conversation {
  readonly site: Site
  readonly registries: Registries
  readonly bus: Bus
  readonly ws: WebSocket
  readonly session: Session
  readonly database: string
}

/** Says nothing until the client subscribes, then what its channels carry. */
function converse({ site, registries, bus, ws, session, database }: Conversation): void {
  const sent = new Map<number, number>()
  let last = 0
  let unsubscribe = () => {}
  let turn: Promise<void> = Promise.resolve()

  const checked = async (): Promise<Registry | undefined> => {
    const current = await site.sessions.load(session.sid)
    const registry = await registries.open(database)
    const valid =
      current.stored && (current.content.uid === undefined || (await isLoggedIn(registry, current)))
    if (valid) return registry
    ws.close(closeCodes.sessionExpired)
    return undefined
  }

  const deliver = async () => {
    const registry = await checked()
    if (!registry) return
    const notifications = await readNotifications(registry, subscriber.channels, last, [
      ...sent.keys(),
    ])
    if (notifications.length === 0) return
    const now = Date.now()
    for (const { id } of notifications) sent.set(id, now)
    for (const [id, at] of [...sent].sort(([left], [right]) => left - right)) {
      if (now - at < historyMs) break
      last = id
      sent.delete(id)
    }
    ws.send(JSON.stringify(notifications))
  }

  const inTurn = (work: () => Promise<void>) => {
    turn = turn.then(work).catch((error: unknown) => {
      site.log
        .of(database)
        .error(
          'odoo.addons.bus.websocket',
          'Exception occurred during websocket request handling',
          error,
        )
    })
  }
  const subscriber: Subscriber = { channels: [], wake: () => inTurn(deliver) }

  const receive = async (text: string) => {
    const { name, data } = parseFrame(text)
    const registry = await checked()
    if (!registry) return
    const { uid } = session.content
    if (name === 'update_presence' && uid !== undefined) {
      await notePresence(registry, uid, Number(data.inactivity_period ?? 0))
    }
    if (name !== 'subscribe') return
    const asked = Array.isArray(data.channels) ? data.channels.map(String) : []
    subscriber.channels = await channelsOf(registry, asked, uid)
    if (last === 0) last = await trustedLast(registry, Number(data.last ?? 0))
    unsubscribe()
    unsubscribe = bus.subscribe(subscriber)
    await deliver()
  }

  const leave = async () => {
    const { uid } = session.content
    if (uid !== undefined) await noteAbsence(await registries.open(database), uid)
  }

  const keepAliveMs = site.options.websocketKeepAliveSeconds * 1000 * (1 + Math.random() / 2)
  const keepAlive = setTimeout(() => ws.close(closeCodes.keepAlive), keepAliveMs)
  const ping = setInterval(() => ws.ping(), pingAfterMs)
  ws.on('message', (message) => inTurn(() => receive(message.toString())))
  ws.on('error', () => ws.terminate())
  ws.on('close', () => {
    clearTimeout(keepAlive)
    clearInterval(ping)
    unsubscribe()
    inTurn(() => leave().catch(() => undefined))
  })
}

/** `subscribe` and `update_presence` are the only two events; anything else is the client's mistake. */
function parseFrame(text: string): { name: string; data: Record<string, unknown> } {
  const frame: unknown = JSON.parse(text)
  if (!isRecord(frame) || typeof frame.event_name !== 'string') {
    throw new Error("Key 'event_name' is missing from request")
  }
  return { name: frame.event_name, data: isRecord(frame.data) ? frame.data : {} }
}

function refuse(socket: Duplex, status: 400 | 404 | 503, reason: string): void {
  const title = STATUS_CODES[status]
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(reason)}\r\nConnection: close\r\n\r\n${reason}`,
  )
}
