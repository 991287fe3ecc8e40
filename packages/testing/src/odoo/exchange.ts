import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { effectiveHost } from './database-filter.ts'
import { type PortVersion, parseTarget } from './request-target.ts'

/** One request, read once: what routes need of it, with proxy headers already believed or not. */
export interface Exchange {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  /** The Host that dbfilter sees, with its port. */
  readonly host: string
  readonly scheme: string
  readonly remoteAddress: string
  readonly cookies: ReadonlyMap<string, string>
  readonly body: AsyncIterable<Buffer>
}

/** The body is larger than Odoo takes: 413. */
export class BodyTooLargeError extends Error {
  override name = 'BodyTooLargeError'
}

/** Odoo's default for a whole request body. */
export const maximumBodyBytes = 128 * 1024 * 1024

interface Reading {
  readonly proxyMode: boolean
  readonly version: PortVersion
}

export function makeExchange(request: IncomingMessage, { proxyMode, version }: Reading): Exchange {
  const { headers } = request
  const host = effectiveHost(headers, proxyMode)
  const believed = proxyMode && Boolean(headers['x-forwarded-host'])
  const forwarded = (name: string) =>
    believed
      ? String(headers[name] ?? '')
          .split(',')
          .at(-1)
          ?.trim()
      : undefined

  return {
    method: request.method ?? 'GET',
    ...parseTarget(request.url ?? '/', version),
    headers,
    host,
    scheme: forwarded('x-forwarded-proto') || 'http',
    remoteAddress: forwarded('x-forwarded-for') || (request.socket.remoteAddress ?? ''),
    cookies: parseCookies(headers.cookie),
    body: request,
  }
}

export async function readBody(exchange: Exchange, limitBytes = maximumBodyBytes): Promise<Buffer> {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  for await (const chunk of exchange.body) {
    sizeBytes += chunk.length
    if (sizeBytes > limitBytes) throw new BodyTooLargeError(`more than ${limitBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function parseCookies(header = ''): Map<string, string> {
  const pairs = header.split(';').map((pair) => pair.trim().split('='))
  return new Map(pairs.map(([name = '', ...value]) => [name, value.join('=')]))
}
