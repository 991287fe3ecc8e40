import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

export interface ListenerOptions {
  readonly onRequest: (request: IncomingMessage, response: ServerResponse) => void
  readonly onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  /** How long open requests get when the listener closes. */
  readonly drainMs: number
}

export interface Listener {
  /** Listens on each host with one port; 0 takes a free one. Resolves with the port. */
  listen(options: { readonly hosts: readonly string[]; readonly port: number }): Promise<number>
  close(): Promise<void>
}

/** The listening sockets of the gateway and their end. */
export function createListener({ onRequest, onUpgrade, drainMs }: ListenerOptions): Listener {
  const servers: Server[] = []
  const sockets = new Set<Socket>()
  let closing = false

  function serve(): Server {
    // No limit on a whole request: an upload may take as long as it flows.
    const server = createServer({
      maxHeaderSize: 32 * 1024,
      headersTimeout: 30_000,
      requestTimeout: 0,
    })
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      // Kept alive, the connection of a last answer would hold up the end until its timeout.
      if (closing) response.setHeader('Connection', 'close')
      response.on('close', () => closing && setImmediate(() => server.closeIdleConnections()))
      onRequest(request, response)
    })
    server.on('upgrade', onUpgrade)
    server.on('connection', (socket: Socket) => {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
    })
    servers.push(server)
    return server
  }

  return {
    async listen({ hosts, port }) {
      let bound = port
      for (const host of hosts) bound = await listenOn(serve(), host, bound)
      return bound
    },
    async close() {
      closing = true
      const cut = setTimeout(() => {
        for (const socket of sockets) socket.destroy()
      }, drainMs)
      await Promise.all(servers.map(closeServer))
      clearTimeout(cut)
    },
  }
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
