import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex, Readable } from 'node:stream'
import type { Log } from '@pulse/api'
import { Agent } from 'undici'
import { sendAnswer, sendFault } from './answer.ts'
import { announcesTooMuch, limitBody, tooLarge } from './body-limit.ts'
import { type Decision, decide, type Forward } from './decide.ts'
import { forward, hasBody, joinBody } from './forward.ts'
import { requestHeaders } from './headers.ts'
import { parseHost } from './host.ts'
import { createListener, type Listener } from './listener.ts'
import type { Backend, Route, RouteSource } from './route-source.ts'
import { scanBody } from './scan-body.ts'
import { refuseUpgrade, upgrade } from './upgrade.ts'

export interface GatewayOptions {
  readonly routes: RouteSource
  readonly log: Log
  readonly limits?: Partial<GatewayLimits>
  readonly onRequest?: (facts: RequestFacts) => void
}

export interface GatewayLimits {
  readonly bodyBytesMax: number
  readonly connectTimeoutMs: number
  readonly headersTimeoutMs: number
  readonly bodyTimeoutMs: number
  /** How long open requests get when the gateway closes. */
  readonly drainMs: number
}

/** One finished request, for the log line and the metrics. */
export interface RequestFacts {
  readonly environment: string | undefined
  readonly status: number
  readonly durationMs: number
}

/** The gateway is its listener: it holds no state but its open connections. */
export type Gateway = Listener

const defaults: GatewayLimits = {
  bodyBytesMax: 512 * 1024 * 1024,
  connectTimeoutMs: 5_000,
  headersTimeoutMs: 300_000,
  bodyTimeoutMs: 300_000,
  drainMs: 10_000,
}

/** The door for all tenants: host → environment → ready worker. */
export function createGateway({ routes, log, limits: given, onRequest }: GatewayOptions): Gateway {
  const limits = { ...defaults, ...given }
  const dispatcher = new Agent({ connect: { timeout: limits.connectTimeoutMs }, pipelining: 0 })
  const pick = createRoundRobin()

  const decideFor = (request: IncomingMessage): Decision =>
    decide(
      { method: request.method ?? 'GET', target: request.url ?? '/', host: request.headers.host },
      routes,
      pick,
    )

  async function handle(request: IncomingMessage, response: ServerResponse) {
    const decision = decideFor(request)
    if (decision.kind === 'answer') return sendAnswer(request, response, decision.answer)
    if (decision.kind === 'redirect') {
      response.writeHead(308, { Location: decision.location, 'Content-Length': 0 })
      return response.end()
    }
    if (announcesTooMuch(request, limits.bodyBytesMax)) {
      response.setHeader('Connection', 'close')
      return sendAnswer(request, response, tooLarge)
    }
    const body = await bodyOf(request, response, decision)
    if (body === 'refused') return
    await forward(request, response, {
      ...limits,
      dispatcher,
      origin: `http://${decision.backend.address}:${portOf(decision)}`,
      headers: requestHeaders(request.rawHeaders, forwardingOf(request, decision)),
      body,
    })
  }

  async function bodyOf(
    request: IncomingMessage,
    response: ServerResponse,
    { scanBody: scan, route }: Forward,
  ): Promise<Readable | null | 'refused'> {
    if (!hasBody(request)) return null
    let source: Readable = request
    if (scan) {
      const scanned = await scanBody(request, route.hostname)
      if (!scanned.allowed) {
        response.setHeader('Connection', 'close')
        sendFault(response, scanned.reason)
        return 'refused'
      }
      source = joinBody(scanned.head, request)
    }
    return limitBody(source, limits.bodyBytesMax)
  }

  function handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer) {
    const decision = decideFor(request)
    if (decision.kind !== 'forward' || !decision.websocket) {
      const status = decision.kind === 'answer' ? decision.answer.status : 404
      return refuseUpgrade(socket, status, 'Refused')
    }
    upgrade(request, socket, head, {
      backend: decision.backend,
      headers: requestHeaders(request.rawHeaders, forwardingOf(request, decision)),
      connectTimeoutMs: limits.connectTimeoutMs,
    })
  }

  const listener = createListener({
    onUpgrade: handleUpgrade,
    drainMs: limits.drainMs,
    onRequest(request, response) {
      response.on('close', observe(request, response))
      handle(request, response).catch((error: unknown) => {
        log.error({ err: error }, 'request failed')
        if (response.headersSent) response.destroy()
        else response.writeHead(500, { 'Content-Length': 0, Connection: 'close' }).end()
      })
    },
  })

  /** Tells of the finished request; a client that left before its answer is of the 499 class. */
  function observe(request: IncomingMessage, response: ServerResponse) {
    const started = performance.now()
    return () =>
      onRequest?.({
        environment: routes.find(parseHost(request.headers.host)?.name ?? '')?.environment,
        status: response.writableFinished ? response.statusCode : 499,
        durationMs: performance.now() - started,
      })
  }

  return {
    listen: listener.listen,
    async close() {
      await listener.close()
      await dispatcher.destroy()
    },
  }
}

function forwardingOf(request: IncomingMessage, { authority, database }: Forward) {
  return {
    authority,
    scheme: 'http' as const,
    clientAddress: request.socket.remoteAddress?.replace(/^::ffff:/, '') ?? '',
    ...(database !== undefined && { database }),
  }
}

function portOf({ backend, websocket }: Forward): number {
  return websocket ? backend.websocketPort : backend.httpPort
}

/** Takes the ready backends in turn, per environment. */
function createRoundRobin(): (route: Route) => Backend | undefined {
  let turn = 0
  return ({ backends }) => {
    turn = (turn + 1) % Number.MAX_SAFE_INTEGER
    return backends[turn % Math.max(1, backends.length)]
  }
}
