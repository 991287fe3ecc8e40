import { once } from 'node:events'
import { Agent, type IncomingMessage, request as requestPlain } from 'node:http'
import { request as requestTls, Agent as TlsAgent } from 'node:https'
import { StatusError } from '@pulse/api'
import { errorOf } from './status-answer.ts'
import { warningsIn } from './warning-header.ts'

export interface ConnectionOptions {
  /** `https://127.0.0.1:6443`. */
  readonly server: string
  /** PEM of the authority that signed the server's certificate. */
  readonly ca?: string
  readonly token: string
  readonly timeoutMs?: number
  /** Told what the server warns of, with whatever it answers. */
  readonly onWarning?: ((text: string) => void) | undefined
}

export interface Exchange {
  readonly method: string
  readonly path: string
  readonly query?: Readonly<Record<string, string | undefined>>
  readonly contentType?: string
  readonly body?: unknown
  readonly signal?: AbortSignal
}

export interface Connection {
  /** Sends a request and reads the whole answer as JSON, within the time limit. */
  exchange(request: Exchange): Promise<unknown>
  /** The answer as it comes, for as long as it comes; only its beginning has a time limit. */
  stream(request: Exchange): Promise<IncomingMessage>
  close(): void
}

const defaultTimeoutMs = 30_000

/** Kept-alive HTTP/1.1 to one API server. Whatever goes wrong is a `StatusError`, or the reason of the signal. */
export function createConnection(options: ConnectionOptions): Connection {
  const { ca, token, timeoutMs = defaultTimeoutMs, onWarning } = options
  const server = new URL(options.server)
  const isTls = server.protocol === 'https:'
  const agent = isTls ? new TlsAgent({ keepAlive: true, ca }) : new Agent({ keepAlive: true })

  const open = async (exchange: Exchange, signal: AbortSignal): Promise<IncomingMessage> => {
    const { method, contentType = 'application/json', body } = exchange
    const payload = body === undefined ? undefined : JSON.stringify(body)
    const url = addressOf(server, exchange)
    const request = (isTls ? requestTls : requestPlain)(url, {
      agent,
      method,
      signal,
      headers: {
        Accept: 'application/json',
        Authorization: `Bearer ${token}`,
        ...(payload !== undefined && {
          'Content-Type': contentType,
          'Content-Length': Buffer.byteLength(payload),
        }),
      },
    })
    request.end(payload)
    const [response]: IncomingMessage[] = await once(request, 'response')
    if (!response) throw new Error('there was no response')
    if (onWarning !== undefined) {
      for (const text of warningsIn(response.headersDistinct.warning ?? [])) onWarning(text)
    }
    if ((response.statusCode ?? 500) < 300) return response
    throw errorOf(response.statusCode ?? 500, await textOf(response))
  }

  return {
    async exchange(exchange) {
      const limit = AbortSignal.timeout(timeoutMs)
      const signal = exchange.signal ? AbortSignal.any([exchange.signal, limit]) : limit
      return reached(server, exchange, async () => {
        return JSON.parse(await textOf(await open(exchange, signal)))
      })
    },
    async stream(exchange) {
      const begun = new AbortController()
      const timer = setTimeout(() => begun.abort(new Error('no answer in time')), timeoutMs)
      const signal = exchange.signal
        ? AbortSignal.any([exchange.signal, begun.signal])
        : begun.signal
      return reached(server, exchange, () => open(exchange, signal)).finally(() =>
        clearTimeout(timer),
      )
    },
    close: () => agent.destroy(),
  }
}

async function reached<Result>(
  server: URL,
  { signal }: Exchange,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof StatusError) throw error
    signal?.throwIfAborted()
    const why = error instanceof Error ? error.message : String(error)
    const text = `cannot reach the API at ${server.origin}: ${why}`
    throw new StatusError('ServiceUnavailable', text, {}, { cause: error })
  }
}

function addressOf(server: URL, { path, query = {} }: Exchange): URL {
  const url = new URL(path, server)
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, value)
  }
  return url
}

async function textOf(response: IncomingMessage): Promise<string> {
  response.setEncoding('utf8')
  let text = ''
  for await (const chunk of response) text += chunk
  return text
}
