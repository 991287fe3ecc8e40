import { createHash, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { isIP } from 'node:net'
import type { Log } from '@pulse/api'
import type { Health } from '@pulse/engine'
import type { EnvironmentFigures } from '../figures/life-figures.ts'

export interface MetricsDoorOptions {
  /** Prometheus text format. */
  readonly text: () => Promise<string>
  readonly figuresOf: (environment: string) => EnvironmentFigures | undefined
  /** `/livez`, `/readyz` and below: open to everyone. */
  readonly health?: Health
  /** Documents about the whole machine, by path. */
  readonly documents?: Readonly<Record<string, (signal: AbortSignal) => Promise<unknown>>>
  /** Without one everybody who reaches the address may read the metrics. */
  readonly metricsToken: string | undefined
  /** The installation's own, with which alone figures and documents are read. */
  readonly adminToken: string
  readonly log: Log
}

export interface MetricsDoor {
  listen(address: {
    readonly host: string
    readonly port: number
  }): Promise<{ readonly port: number }>
  close(): Promise<void>
}

const figuresPath = /^\/figures\/([a-z0-9-]{1,63})$/

/** Nothing that a client does not send, or sends slowly, holds a connection without end. */
const limits = {
  headersTimeout: 10_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 75_000,
  maxHeaderSize: 8_192,
}
const maxConnections = 100

/** `/metrics` for Prometheus, and what commands ask about an environment or the machine, on a listener of their own. */
export function createMetricsDoor(options: MetricsDoorOptions): MetricsDoor {
  const { log, adminToken, metricsToken, documents = {} } = options
  const isAdmin = tokenTest([adminToken])
  const isReader = tokenTest([adminToken, ...(metricsToken === undefined ? [] : [metricsToken])])

  const known = `there are ${['/metrics', '/figures/ENVIRONMENT', ...Object.keys(documents)].join(', ')}`

  async function answer(request: IncomingMessage, signal: AbortSignal): Promise<Answer> {
    const path = request.url?.split('?', 1)[0] ?? ''
    const token = /^bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1]
    if (request.method !== 'GET') return plain(405, 'only GET is answered')
    const health = await options.health?.(path, queryOf(request.url))
    if (health) return { ...plain(health.code, ''), text: String(health.body) }
    if (path === '/metrics') {
      if (metricsToken === undefined && token === undefined) {
        // A page in a browser could reach loopback under a name of its own and read what it likes.
        if (!isOwnName(request.headers.host)) return plain(421, 'ask by address or as localhost')
      } else if (!isReader(token)) return unauthorized
      return {
        ...plain(200, await options.text()),
        type: 'text/plain; version=0.0.4; charset=utf-8',
      }
    }
    const environment = figuresPath.exec(path)?.[1]
    const read = Object.hasOwn(documents, path) ? documents[path] : undefined
    if (environment === undefined && read === undefined) return plain(404, known)
    if (!isAdmin(token)) return unauthorized
    if (read !== undefined) return json(await read(signal))
    const figures = options.figuresOf(environment ?? '')
    return figures === undefined ? plain(404, 'nothing was seen of it yet') : json(figures)
  }

  async function handle(request: IncomingMessage, response: ServerResponse) {
    request.resume()
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    try {
      const { status, type, text } = await answer(request, gone.signal)
      const challenge = status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {}
      response.writeHead(status, {
        'Content-Type': type,
        'Cache-Control': 'no-store',
        ...challenge,
      })
      response.end(text)
    } catch (error) {
      if (!gone.signal.aborted) log.error({ err: error }, 'metrics cannot be read')
      response.writeHead(500).end()
    }
  }

  const server = createServer(limits, (request, response) => void handle(request, response))
  server.maxConnections = maxConnections
  return {
    async listen({ host, port }) {
      await once(server.listen({ host, port, exclusive: true }), 'listening')
      const address = server.address()
      return { port: typeof address === 'object' && address ? address.port : port }
    },
    async close() {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly text: string
}

function plain(status: number, text: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', text: `${text}\n` }
}

function queryOf(url = ''): URLSearchParams {
  return new URLSearchParams(url.split('?')[1])
}

function json(body: unknown): Answer {
  return { status: 200, type: 'application/json', text: JSON.stringify(body) }
}

const unauthorized = plain(401, 'a bearer token is needed')

/** How long it takes says nothing about how much of a guess is right. */
function tokenTest(tokens: readonly string[]): (token: string | undefined) => boolean {
  const digests = tokens.map(digestOf)
  return (token) => {
    if (token === undefined) return false
    const digest = digestOf(token)
    let isKnown = false
    for (const known of digests) if (timingSafeEqual(known, digest)) isKnown = true
    return isKnown
  }
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

/** An address or `localhost`; a browser that was led here by another name sends that. */
function isOwnName(host: string | undefined): boolean {
  const name = (host ?? '').replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')
  return name === 'localhost' || isIP(name) !== 0
}
