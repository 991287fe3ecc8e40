import { request as send } from 'node:http'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { onTestFinished, vi } from 'vitest'
import { createGateway, type GatewayOptions } from './gateway.ts'
import { createFixedWaker, servedBy } from './life/fixed-waker.ts'
import type { LifeRecord } from './life/record.ts'
import type { Sight, Waker } from './life/waker.ts'
import type { Backend, Route } from './route-source.ts'
import { silent } from './silent-log.suite.ts'

export { silent }

/** The environment `acme-prod` at acme.localhost, and others alike, with the backends that are ready. */
export interface TestRoute extends Route {
  readonly backends: readonly Backend[]
}

export function routeTo(label: string, backends: readonly Backend[]): TestRoute {
  return {
    environment: `${label}-prod`,
    hostname: `${label}.localhost`,
    displayName: label,
    state: { phase: 'serving' },
    backends,
  }
}

/** Nobody is put to sleep: a request without a ready backend waits for one, or for its deadline. */
export function wakerOf(routes: readonly TestRoute[], more: Partial<Sight> = {}): Waker {
  return createFixedWaker((environment) => {
    const route = routes.find((one) => one.environment === environment)
    return route && servedBy(route.backends, more)
  })
}

export interface Sleeper {
  readonly waker: Waker
  /** What was written, in order. */
  readonly writes: readonly LifeRecord[]
  /** A process of it is ready. */
  bring(backend: Backend): void
  /** It has fallen asleep, and nothing is left of it. */
  sleep(): void
  /** Its process crashes on each start. */
  fail(trouble: string): void
}

/** An environment that sleeps, and whose workers are up when `bring` says so. */
export function sleeper(more: Partial<Waker> = {}, seen: Partial<Sight> = {}): Sleeper {
  const writes: LifeRecord[] = []
  const listeners: (() => void)[] = []
  let record: LifeRecord = { generation: 1, state: 'down', words: [], since: 0 }
  let ready: readonly Backend[] = []
  let changes = 0
  let trouble: string | undefined
  const base = wakerOf([])
  const tell = () => {
    for (const listener of listeners) listener()
  }
  const see = (): Sight => ({
    ...servedBy(ready),
    record,
    version: writes.length + changes + 1,
    isGone: ready.length === 0,
    ...(trouble !== undefined && { trouble }),
    ...seen,
  })
  return {
    writes,
    waker: {
      ...base,
      see,
      look: async () => see(),
      async write(_, { next }) {
        writes.push(next)
        record = next
        return { record, version: writes.length + changes + 1 }
      },
      onChange: (run) => void listeners.push(() => run('acme-prod')),
      ...more,
    },
    bring(backend) {
      ready = [backend]
      tell()
    },
    sleep() {
      ready = []
      record = { ...record, state: 'down', words: [] }
      changes += 1
      tell()
    },
    fail(reason) {
      record = { ...record, state: 'up' }
      trouble = reason
      changes += 1
      tell()
    },
  }
}

/** One server for everything, as with threaded Odoo. */
export const backendAt = (port: number): Backend => ({
  address: '127.0.0.1',
  httpPort: port,
  websocketPort: port,
})

/** A gateway that serves these routes; it ends with the test. */
export async function serve(
  routes: readonly TestRoute[],
  options: Partial<GatewayOptions> = {},
): Promise<number> {
  const hosts = new Map(routes.map((route) => [route.hostname, route]))
  const gateway = createGateway({
    routes: { find: (host) => hosts.get(host) },
    waker: wakerOf(routes),
    log: silent,
    ...options,
    limits: { drainMs: 0, ...options.limits },
  })
  onTestFinished(() => gateway.close())
  return gateway.listen({ hosts: ['127.0.0.1'], port: 0 })
}

/** A gateway in front of `backend`, whose only host is acme.localhost; both end with the test. */
export async function startGateway(
  backend: Server,
  options: Partial<GatewayOptions> = {},
): Promise<number> {
  return await serve([routeTo('acme', [backendAt(await listen(backend))])], options)
}

/** Resolves with the port; the server and its connections end with the test. */
export function listen(server: Server): Promise<number> {
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.on('error', () => {})
  })
  onTestFinished(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : 0)
    })
  })
}

/** Resolves once the check holds; as patient as a test may be. */
export function eventually(check: () => void): Promise<void> {
  return vi.waitFor(check, { timeout: 4_500, interval: 5 })
}

/** Answers as Odoo's threaded server does: HTTP/1.0, one connection a request. */
export function rawBackend(answer: string, onHead: (head: string) => void = () => {}): Server {
  return createServer((socket) => {
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      if (!text.includes('\r\n\r\n')) return
      onHead(text)
      socket.end(answer)
    })
  })
}

export interface RawClient {
  readonly socket: Socket
  /** All that came so far. */
  readonly received: () => string
  /** The first bytes have come, or never will. */
  readonly answered: Promise<void>
  readonly closed: Promise<void>
}

/** A client that sends what it likes; it ends with the test. */
export function openSocket(port: number, text: string | Buffer): RawClient {
  const socket = connect({ port, host: '127.0.0.1' })
  onTestFinished(() => {
    socket.destroy()
  })
  const answered = Promise.withResolvers<void>()
  const closed = Promise.withResolvers<void>()
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.once('data', () => answered.resolve())
  socket.on('error', () => {})
  socket.on('close', () => {
    answered.resolve()
    closed.resolve()
  })
  socket.write(text)
  return {
    socket,
    received: () => Buffer.concat(chunks).toString('latin1'),
    answered: answered.promise,
    closed: closed.promise,
  }
}

export interface Reply {
  readonly status: number
  readonly headers: NodeJS.Dict<string | string[]>
  readonly body: string
}

export function fetchFrom(
  port: number,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string | Buffer } = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const outgoing = send(
      {
        port,
        path,
        host: '127.0.0.1',
        method: options.method ?? 'GET',
        headers: { host: 'acme.localhost', ...options.headers },
      },
      (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('error', reject)
        incoming.on('end', () =>
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        )
      },
    )
    outgoing.on('error', reject)
    outgoing.end(options.body)
  })
}
