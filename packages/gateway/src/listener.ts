import { createServer, type IncomingMessage, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { Socket } from 'node:net'
import { createIncomingRequests, type RequestTakers } from './connections/incoming-requests.ts'
import { isHandshake, isToReadAnew } from './connections/passed-over-offers.ts'
import { createRequestLines, type RequestLines } from './connections/request-lines.ts'
import { createStalledReaders } from './connections/stalled-readers.ts'
import { type ConnectionLimits, createConnectionBounds } from './limits/connection-bounds.ts'
import { headBytesMax, headersMax } from './request-head.ts'
import type { Certificates } from './tls/certificates.ts'
import { secureOptions } from './tls/secure-options.ts'

export interface ListenerOptions extends ConnectionLimits, RequestTakers {
  /** How long a client may take for the head of a request. */
  readonly requestHeadTimeoutMs: number
  /** How long a connection stays open without a request. */
  readonly keepAliveTimeoutMs: number
  /** How long a client may take nothing of its answer. */
  readonly answerStallTimeoutMs: number
  /** One took longer, and was cut. */
  readonly onStalled: () => void
  /** How long open requests get when the listener closes. */
  readonly drainMs: number
  /** That time is over: who can still be answered is answered now, since what is open soon after is cut. */
  readonly onDrainEnd: () => void
}

export interface Door {
  readonly hosts: readonly string[]
  readonly port: number
  /** TLS is spoken there, with these; absent, none is. */
  readonly certificates?: Certificates
}

export interface Listener {
  /** Listens on each host with one port; 0 takes a free one. Resolves with the port. */
  listen(options: Door): Promise<number>
  close(): Promise<void>
}

/** For the last answers to leave. */
const lastWordMs = 1_000

/** The listening sockets of the gateway and their end. */
export function createListener(options: ListenerOptions): Listener {
  const servers: Server[] = []
  const lines = createRequestLines()
  const requests = createIncomingRequests(options, lines)
  const connections = createConnections(options)
  const stopLooking = cutStalled(lines, options)

  function serve(certificates: Certificates | undefined): Server {
    const server = createProtocolServer(options, lines, certificates)
    // Node drops without a word what is beyond its count: so it counts one more than is taken.
    server.maxHeadersCount = headersMax + 1
    requests.takeFrom(server)
    server.on('connection', connections.take)
    servers.push(server)
    return server
  }

  return {
    async listen({ hosts, port, certificates }) {
      let bound = port
      for (const host of hosts) bound = await listenOn(serve(certificates), host, bound)
      return bound
    },
    async close() {
      requests.close()
      const over = cutAfterDrain(options, connections.cutAll)
      await Promise.all(servers.map(closeServer))
      over()
      stopLooking()
    },
  }
}

/** All that are open, no more than may be. */
function createConnections(limits: ConnectionLimits) {
  const bounds = createConnectionBounds(limits)
  const sockets = new Set<Socket>()
  return {
    take(socket: Socket) {
      // It is here already, and what came on it is read anew.
      if (sockets.has(socket)) return
      const release = bounds.admit(socket.remoteAddress)
      if (release === undefined) {
        // Not even an answer: who opens too many would be paid for each.
        socket.destroy()
        return
      }
      sockets.add(socket)
      socket.on('close', () => {
        sockets.delete(socket)
        release()
      })
    },
    cutAll() {
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** What is open gets its time, and then a moment for its last words. The answer calls it off. */
function cutAfterDrain({ drainMs, onDrainEnd }: ListenerOptions, cutAll: () => void): () => void {
  let cut = setTimeout(() => {
    onDrainEnd()
    cut = setTimeout(cutAll, Math.min(drainMs, lastWordMs))
  }, drainMs)
  return () => clearTimeout(cut)
}

/** HTTP/1.1, on its own or within TLS. */
function createProtocolServer(
  { requestHeadTimeoutMs, keepAliveTimeoutMs }: ListenerOptions,
  lines: RequestLines,
  certificates: Certificates | undefined,
): Server {
  // How many requests a connection carries in its life has no bound: it costs no more for having carried many, and each
  // connection that is closed in between may lose a request that was on its way.
  const protocol = {
    maxHeaderSize: headBytesMax,
    headersTimeout: requestHeadTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    connectionsCheckingInterval: Math.min(5_000, requestHeadTimeoutMs),
    // Node would refuse it beside us and still hand over what stands behind it.
    requireHostHeader: false,
    // No limit on a whole request: an upload may take as long as it flows; `readBody` ends one that does not.
    requestTimeout: 0,
    // Another protocol is an offer that may be passed over (RFC 9110 7.8): an ordinary request. So is one that comes
    // before the answers that are due: Node would let go of the connection that they need.
    shouldUpgradeCallback: (request: IncomingMessage) =>
      isToReadAnew(request) || (isHandshake(request) && lines.isAnswered(request.socket)),
  }
  if (certificates === undefined) return createServer(protocol)
  return createSecureServer({ ...protocol, ...secureOptions(certificates, requestHeadTimeoutMs) })
}

/** Whoever reads nothing of its answer holds a worker and memory. */
function cutStalled(
  lines: RequestLines,
  { answerStallTimeoutMs, onStalled }: ListenerOptions,
): () => void {
  const stalled = createStalledReaders<Socket>(answerStallTimeoutMs)
  function look() {
    const sockets = [...lines.all()].map(({ socket }) => socket)
    for (const socket of stalled.look(sockets, performance.now())) {
      onStalled()
      socket.destroy()
    }
  }
  const looking = setInterval(look, Math.max(10, answerStallTimeoutMs / 4)).unref()
  return () => clearInterval(looking)
}

function listenOn(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.off('error', reject)
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : port)
    })
  })
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeIdleConnections()
  })
}
