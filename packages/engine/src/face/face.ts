import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { apiVersionOf, type KindRegistry, type Log, StatusError } from '@pulse/api'
import type { Objects } from '../objects.ts'
import { send } from './answer.ts'
import { bearerToken } from './authentication.ts'
import { readBody } from './body.ts'
import type { AdviceOn, OpenLog, Server, User } from './call.ts'
import { dispatch } from './dispatch.ts'
import { createHealth, type HealthOptions } from './health.ts'
import { createOpenApi } from './open-api.ts'
import { errorAnswer } from './status-body.ts'

export interface FaceOptions {
  readonly objects: Objects
  /** The registry: discovery, OpenAPI, columns and verbs come from it alone. */
  readonly kinds: KindRegistry
  /** PEM; absent only in tests: a token must not travel in the clear. */
  readonly tls?: { readonly key: string; readonly cert: string }
  /** Whose token it is; must take the same time whatever is given. */
  readonly authenticate: (token: string) => User | undefined
  readonly openLog: OpenLog
  readonly adviceOn?: AdviceOn
  /** What must hold besides the store for `/readyz`, by name. */
  readonly checks?: HealthOptions['checks']
  /** For `kubectl top`; absent, there are no metrics. */
  readonly podUse?: Server['podUse']
  /** Connections that may be open at a time; 1,000 if absent. Beyond it a new one is closed. */
  readonly connectionsMax?: number
  readonly version: string
  readonly log: Log
  readonly now: () => Date
}

export interface Face {
  listen(address: { readonly host: string; readonly port: number }): Promise<{ port: number }>
  /** Ends watches and followed logs, lets short requests finish, then closes what is left. */
  close(): Promise<void>
}

interface Circumstances {
  readonly signal: AbortSignal
  /** Told whose token it is. */
  readonly onUser: (name: string) => void
}

/** Nothing that a client does not send, or sends slowly, holds a connection without end. */
const limits = {
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 75_000,
  maxHeaderSize: 32_768,
}
const closeMs = 2000

/** The Kubernetes API of one machine (design, section 5). */
export function createFace(options: FaceOptions): Face {
  const { objects, kinds, openLog, adviceOn = () => [], podUse, version, log, now, tls } = options
  const openApi = createOpenApi(kinds.kinds)
  const server: Server = { objects, kinds, openLog, adviceOn, podUse, version, log, now }
  const closing = new AbortController()

  const health = createHealth({
    checks: { store: () => askStore(options), ...options.checks },
    onFailure: (check, error) => log.error({ err: error, check }, 'not ready'),
  })

  const answerTo = async (request: IncomingMessage, { signal, onUser }: Circumstances) => {
    const { pathname, searchParams } = parseUrl(request.url)
    const told = await health(pathname, searchParams)
    if (told) return told
    const token = bearerToken(request.headers.authorization)
    const user = token === undefined ? undefined : options.authenticate(token)
    if (!user) throw new StatusError('Unauthorized', 'Unauthorized')
    onUser(user.name)
    refuseImpersonation(request)
    const call = {
      method: request.method ?? 'GET',
      query: searchParams,
      headers: request.headers,
      user,
      server,
      signal,
      readBody: () => readBody(request),
    }
    return dispatch(call, pathname, openApi)
  }

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const gone = new AbortController()
    response.on('close', () => gone.abort())
    const signal = AbortSignal.any([gone.signal, closing.signal])
    const requestId = randomUUID()
    const begunAt = performance.now()
    let user: string | undefined
    const onUser = (name: string) => {
      user = name
    }
    // As Kubernetes names it: whoever reports something can name the line of the log.
    response.setHeader('Audit-Id', requestId)
    const own = log.child({ requestId })
    response.once('close', () => {
      const durationMs = Math.round(performance.now() - begunAt)
      logRequest(log, request, { requestId, user, status: response.statusCode, durationMs })
    })
    try {
      const asked = answerTo(request, { signal, onUser })
      const answer = await asked.catch((error) => errorAnswer(error, own))
      await send(response, answer, signal)
    } catch (error) {
      // Too late for a Status: a broken connection tells the client that the answer is not whole.
      if (!signal.aborted) own.error({ err: error }, 'answer broke off')
      response.destroy()
    }
  }

  const listener = (request: IncomingMessage, response: ServerResponse) => {
    void handle(request, response)
  }
  const http = tls
    ? createTlsServer(
        {
          ...limits,
          ...tls,
          minVersion: 'TLSv1.2',
          ALPNProtocols: ['http/1.1'],
          handshakeTimeout: 10_000,
        },
        listener,
      )
    : createServer(limits, listener)
  http.maxConnections = options.connectionsMax ?? 1000

  return {
    async listen({ host, port }) {
      http.listen(port, host)
      await once(http, 'listening')
      const address = http.address()
      return { port: typeof address === 'object' && address ? address.port : port }
    },
    async close() {
      const closed = once(http, 'close')
      closing.abort()
      http.close()
      http.closeIdleConnections()
      const force = setTimeout(() => http.closeAllConnections(), closeMs)
      await closed
      clearTimeout(force)
    },
  }
}

/** `kubectl --as`: to answer as if nothing had been said would show rights that the other does not have. */
function refuseImpersonation({ headers }: IncomingMessage) {
  const asked = Object.keys(headers).find((name) => name.startsWith('impersonate-'))
  if (asked === undefined) return
  const message = `users ${JSON.stringify(headers[asked])} is forbidden: this installation knows no users to act as (--as)`
  throw new StatusError('Forbidden', message, { kind: 'users' })
}

function parseUrl(url: string | undefined): URL {
  const text = url?.startsWith('/') ? url : '/'
  if (URL.canParse(`http://face${text}`)) return new URL(`http://face${text}`)
  throw new StatusError('BadRequest', 'the URL of the request is not valid')
}

/** Whether the store answers: readiness is to be able to say what is. */
async function askStore({ objects, kinds }: Pick<FaceOptions, 'objects' | 'kinds'>) {
  const [first] = kinds.kinds
  if (first === undefined) return
  await objects.list({ apiVersion: apiVersionOf(first), kind: first.kind, limit: 1 })
}

interface Ended {
  readonly requestId: string
  readonly user: string | undefined
  readonly status: number
  readonly durationMs: number
}

/** One line for each request; what changes something is told by itself, the rest where somebody looks closely. */
function logRequest(log: Log, { method = 'GET', url = '' }: IncomingMessage, ended: Ended) {
  const path = url.split('?', 1)[0]
  const isRead = method === 'GET' || method === 'HEAD'
  const line = { ...ended, method, path }
  if (isRead) log.debug(line, 'request')
  else log.info(line, 'request')
}
