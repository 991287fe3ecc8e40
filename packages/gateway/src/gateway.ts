import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Log } from '@pulse/api'
import { Agent } from 'undici'
import { decide } from './decide.ts'
import { createKeptBytes } from './forward/kept-bytes.ts'
import { defaultGatewayLimits, type GatewayLimits } from './gateway-limits.ts'
import { parseHost } from './host.ts'
import { createListener, type Listener } from './listener.ts'
import { handleRequest, handleUpgrade } from './request-handler.ts'
import { createRoundRobin } from './round-robin.ts'
import type { RouteSource, Waker } from './route-source.ts'
import { watchClient } from './upgrade.ts'
import { createWaking } from './wake.ts'

export interface GatewayOptions {
  readonly routes: RouteSource
  readonly waker: Waker
  readonly log: Log
  readonly limits?: Partial<GatewayLimits>
  readonly onRequest?: (facts: RequestFacts) => void
}

/** One finished request or handshake, for the log line and the metrics. */
export interface RequestFacts {
  readonly environment: string | undefined
  readonly status: number
  readonly durationMs: number
  /** Its backend had moved when too much of its body was sent to send it elsewhere: 503, nothing ran. */
  readonly raced: boolean
}

/** The gateway is its listener: it holds no state but its open connections. */
export type Gateway = Listener

/** The door for all tenants: host → environment → ready worker. */
export function createGateway(options: GatewayOptions): Gateway {
  const { routes, log } = options
  const limits = { ...defaultGatewayLimits, ...options.limits }
  const agent = new Agent({ connect: { timeout: limits.connectTimeoutMs }, pipelining: 0 })
  const means = { agent, limits, keptBytes: createKeptBytes(limits.keptBytesMax) }
  const pick = createRoundRobin()
  const decideAwake = createWaking({
    ...options,
    wakeTimeoutMs: limits.wakeTimeoutMs,
    decide: ({ method = 'GET', url = '/', headers }) =>
      decide({ method, target: url, host: headers.host }, routes, pick),
  })

  const listener = createListener({
    ...limits,
    async onRequest(request, response) {
      const tell = createTeller(request, options)
      let raced = false
      const onRaced = () => {
        raced = true
      }
      // A client that left before its answer is of the 499 class.
      response.on('close', () => tell(response.writableFinished ? response.statusCode : 499, raced))
      try {
        const decision = await decideAwake(request)
        await handleRequest(request, response, { decision, means, onRaced })
      } catch (error) {
        giveUp(request, response, { error, log })
      }
    },
    async onUpgrade(request, head) {
      const tell = createTeller(request, options)
      watchClient(request.socket)
      try {
        tell(await handleUpgrade(request, head, { decision: await decideAwake(request), limits }))
      } catch (error) {
        log.error({ err: error }, 'handshake failed')
        request.socket.destroy()
      }
    },
  })

  return {
    listen: listener.listen,
    async close() {
      await listener.close()
      await agent.destroy()
    },
  }
}

/** A bug of ours: no text, one line in the log. A client that left in the middle of its request is none. */
function giveUp(
  { socket }: IncomingMessage,
  response: ServerResponse,
  { error, log }: { readonly error: unknown; readonly log: Log },
) {
  if (socket.destroyed) return
  log.error({ err: error }, 'request failed')
  if (response.headersSent) response.destroy()
  else response.writeHead(500, { 'Content-Length': 0, Connection: 'close' }).end()
}

/** Starts the clock of a request; the result tells of its end. */
function createTeller(
  { headers }: IncomingMessage,
  { routes, onRequest }: GatewayOptions,
): (status: number, raced?: boolean) => void {
  const started = performance.now()
  return (status, raced = false) =>
    onRequest?.({
      environment: routes.find(parseHost(headers.host)?.name ?? '')?.environment,
      status,
      durationMs: performance.now() - started,
      raced,
    })
}
