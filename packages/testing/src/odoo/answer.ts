import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import type { PortVersion } from './request-target.ts'

/** What a route answers with; the writer adds what HTTP needs. */
export interface Answer {
  readonly status: number
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** A stream has no length of its own: it ends with the connection, as in HTTP/1.0. */
  readonly body: string | Buffer | AsyncIterable<string | Buffer>
  /** Called once the last byte is on its way, or nobody is there to take it. */
  readonly sent?: () => void
}

export function html(body: string, status = 200, headers: Answer['headers'] = []): Answer {
  return { status, headers: [['Content-Type', 'text/html; charset=utf-8'], ...headers], body }
}

export function json(value: unknown, status = 200, headers: Answer['headers'] = []): Answer {
  return {
    status,
    headers: [['Content-Type', 'application/json; charset=utf-8'], ...headers],
    body: JSON.stringify(value),
  }
}

export function text(body: string, status = 200): Answer {
  return { status, headers: [['Content-Type', 'text/plain; charset=utf-8']], body }
}

export function redirect(location: string, status = 303): Answer {
  const body = `<!doctype html><title>Redirecting…</title><a href="${encodeURI(location)}">${encodeURI(location)}</a>`
  return html(body, status, [['Location', location]])
}

/** The plain pages of refused requests. */
export function refusal(status: number, reason: string): Answer {
  const title = `${status} ${STATUS_CODES[status] ?? ''}`
  return html(`<!doctype html><title>${title}</title><h1>${title}</h1><p>${reason}</p>`, status)
}

/** Writes one answer as Odoo's HTTP port does: HTTP/1.0, one answer per connection, never chunked. */
export async function writeAnswer(
  socket: Socket,
  answer: Answer,
  { withBody, version }: { withBody: boolean; version: PortVersion },
): Promise<number> {
  const length = typeof answer.body === 'string' ? Buffer.byteLength(answer.body) : lengthOf(answer)
  const lines = [
    `HTTP/${version} ${answer.status} ${STATUS_CODES[answer.status] ?? 'Unknown'}`,
    'Server: Pulse-stand-in-Odoo',
    `Date: ${new Date().toUTCString()}`,
    ...answer.headers.map(([name, value]) => `${name}: ${oneLine(value)}`),
    ...(length === undefined ? [] : [`Content-Length: ${length}`]),
    'Connection: close',
  ]
  await write(socket, Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'))
  if (!withBody) {
    if (answer.body instanceof Readable) answer.body.destroy()
    return 0
  }

  let sizeBytes = 0
  for await (const chunk of chunksOf(answer.body)) {
    sizeBytes += chunk.length
    await write(socket, chunk)
  }
  return sizeBytes
}

async function* chunksOf(body: Answer['body']): AsyncGenerator<Buffer> {
  if (typeof body === 'string' || Buffer.isBuffer(body)) {
    yield Buffer.from(body)
    return
  }
  for await (const chunk of body) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk
}

function lengthOf({ body }: Answer): number | undefined {
  return Buffer.isBuffer(body) ? body.length : undefined
}

/** A line break in a value would start a header of the client's making. */
function oneLine(value: string): string {
  return value.replace(/[\r\n]+/g, ' ')
}

/** Waits for a slow reader instead of holding its answer in memory. */
function write(socket: Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    if (socket.destroyed) {
      reject(new Error('the client is gone'))
      return
    }
    socket.write(bytes, (error) => (error ? reject(error) : resolve()))
  })
}
