import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'

/** A Kubernetes API, whoever serves it. */
export interface Api {
  readonly name: string
  send(request: Request): Promise<Reply>
}

export interface Request {
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** Text goes as it is; anything else as JSON. */
  readonly body?: unknown
  /** Of the body; JSON when there is one and nothing is said. */
  readonly type?: string
  readonly accept?: string
  /** Instead of the right one; empty is none. */
  readonly token?: string
}

export interface Reply {
  readonly code: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

interface Reach {
  readonly url: string
  readonly ca?: string
  readonly token: string
}

const timeoutMs = 30_000

/** Sends what a row says and nothing of its own, so that both servers see the same bytes. */
export function createApi(name: string, { url, ca, token }: Reach): Api {
  return {
    name,
    async send(request) {
      const { method = 'GET', path, body } = request
      const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body)
      const open = ca === undefined ? httpRequest : httpsRequest
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        const options = { method, ca, headers: headersOf(request, text, token), timeout: timeoutMs }
        const sent = open(`${url}${path}`, options, resolve)
        sent.on('timeout', () => sent.destroy(new Error(`${name}: no answer to ${method} ${path}`)))
        sent.on('error', reject)
        sent.end(text)
      })
      const chunks: Buffer[] = []
      for await (const chunk of response) chunks.push(chunk)
      return {
        code: response.statusCode ?? 0,
        headers: response.headers,
        text: Buffer.concat(chunks).toString(),
      }
    },
  }
}

function headersOf(request: Request, text: string | undefined, rightToken: string) {
  const { headers, body, type, accept, token } = request
  const bearer = token ?? rightToken
  return {
    'User-Agent': 'judge/1.0',
    ...(bearer !== '' && { Authorization: `Bearer ${bearer}` }),
    ...(accept !== undefined && { Accept: accept }),
    ...(body !== undefined && { 'Content-Type': type ?? 'application/json' }),
    // Node says it of its own accord, except for a DELETE.
    ...(text !== undefined && { 'Content-Length': String(Buffer.byteLength(text)) }),
    ...headers,
  }
}
