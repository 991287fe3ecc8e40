import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type Answer, refusal, writeAnswer } from './answer.ts'
import { BodyTooLargeError, type Exchange, makeExchange } from './exchange.ts'
import type { PortVersion } from './request-target.ts'
import type { ServerLog } from './server-log.ts'

interface Options {
  readonly host: string
  readonly port: number
  readonly proxyMode: boolean
  /** Both ports end the connection here. */
  readonly version: PortVersion
  readonly log: ServerLog
  readonly answer: (exchange: Exchange) => Promise<Answer>
  /** Takes over a connection that asks for a websocket; false leaves it to `answer`. */
  readonly upgrade: (
    request: IncomingMessage,
    exchange: Exchange,
    socket: Duplex,
    head: Buffer,
  ) => boolean
}

export interface HttpServer {
  readonly port: number
  /** Stops listening, gives running requests this long, then cuts them. */
  stop(graceMs: number): Promise<void>
}

/** How long a client may go on sending after it has been answered. */
const lingerMs = 2_000

export async function startHttpServer(options: Options): Promise<HttpServer> {
  const running = new Set<Socket>()
  const sockets = new Set<Socket>()
  const taken = new WeakSet<Socket>()
  let drained = () => {}

  const serve = async (request: IncomingMessage): Promise<void> => {
    const { socket } = request
    // Whatever follows on the connection is not ours to answer: it ends after the first answer.
    if (taken.has(socket)) return
    taken.add(socket)
    running.add(socket)
    socket.on('error', () => socket.destroy())
    const exchange = makeExchange(request, options)
    const started = performance.now()
    const answer = await answerOrRefuse(options, exchange)
    try {
      const withBody = exchange.method !== 'HEAD'
      const size = await writeAnswer(socket, answer, { withBody, version: options.version })
      logAccess(options.log, request, answer.status, size, performance.now() - started)
      hangUp(request)
    } catch {
      socket.destroy()
    } finally {
      answer.sent?.()
      running.delete(socket)
      if (running.size === 0) drained()
    }
  }

  // The head and body are written on the socket itself: node:http can only answer as 1.1.
  const server = createServer({ requestTimeout: 0 }, (request) => void serve(request))
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const exchange = makeExchange(request, options)
    if (!options.upgrade(request, exchange, socket, head)) void serve(request)
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await listen(server, options.host, options.port)

  return {
    port: portOf(server),
    async stop(graceMs) {
      server.close()
      for (const socket of sockets) if (!running.has(socket)) socket.destroySoon()
      if (running.size > 0) await within(graceMs, (done) => (drained = done))
      for (const socket of sockets) socket.destroy()
    },
  }
}

async function answerOrRefuse(options: Options, exchange: Exchange): Promise<Answer> {
  try {
    return await options.answer(exchange)
  } catch (error) {
    if (error instanceof BodyTooLargeError)
      return refusal(413, 'The data value transmitted exceeds the capacity limit.')
    options.log.error('odoo.http', 'Exception during request handling.', error)
    return refusal(500, 'The server encountered an internal error.')
  }
}

/** Ends the answer at once, but lets an unread body drain: cutting it would reset the client's read. */
function hangUp(request: IncomingMessage): void {
  const { socket } = request
  if (request.complete) {
    socket.destroySoon()
    return
  }
  request.resume()
  socket.end()
  setTimeout(() => socket.destroy(), lingerMs).unref()
}

function logAccess(
  log: ServerLog,
  request: IncomingMessage,
  status: number,
  size: number,
  ms: number,
) {
  const from = request.socket.remoteAddress ?? '-'
  const line = `"${request.method} ${request.url} HTTP/${request.httpVersion}" ${status} ${size}`
  log.info('werkzeug', `${from} - - ${line} ${(ms / 1000).toFixed(3)}`)
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => resolve())
  })
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

function within(ms: number, wait: (done: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    wait(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
