import type { IncomingHttpHeaders } from 'node:http'

/** Connection-level headers that end at each hop (RFC 9110 7.6.1). */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** The word of a backend's guard to the gateway; nobody else may hear it. */
const guardsWord = 'x-pulse-refused'

/** What a client may not say about itself, because Odoo would believe it. */
function isOursToSay(name: string): boolean {
  return (
    name === 'forwarded' ||
    name === 'host' ||
    name === 'x-odoo-database' ||
    name === 'x-real-ip' ||
    name.startsWith('x-forwarded-') ||
    name.startsWith('x-pulse-')
  )
}

export interface Forwarding {
  /** Canonical host with the port of the client's URL: Odoo compares it with Origin. */
  readonly authority: string
  readonly scheme: 'http' | 'https'
  readonly clientAddress: string
  /** Set on calls that choose their database by header. */
  readonly database?: string
}

/** The header by which a backend knows that it is meant (`odoo/addons/plana_gateway`). */
export const identityHeader = 'X-Pulse-Backend'

/** What is added for one backend; a client's own header of that name has been dropped in any case. */
export function identityHeaders(identity: string | undefined): string[] {
  return identity === undefined ? [] : [identityHeader, identity]
}

/** The headers for the tenant's Odoo, as a flat list that keeps order and repetition. */
export function requestHeaders(raw: readonly string[], forwarding: Forwarding): string[] {
  const connectionBound = namedByConnection(raw)
  const headers: string[] = []
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? ''
    // Python's servers (CGI) take an underscore in a name for a dash.
    const lower = name.toLowerCase().replaceAll('_', '-')
    if (hopByHop.has(lower) || isOursToSay(lower) || connectionBound.has(lower)) continue
    // The body is framed anew by the one who sends it; 100-continue has been settled with the client.
    if (lower === 'content-length' || lower === 'expect') continue
    headers.push(name, raw[at + 1] ?? '')
  }
  headers.push('Host', forwarding.authority)
  headers.push('X-Forwarded-Host', forwarding.authority)
  headers.push('X-Forwarded-Proto', forwarding.scheme)
  headers.push('X-Forwarded-For', forwarding.clientAddress)
  if (forwarding.database !== undefined) headers.push('X-Odoo-Database', forwarding.database)
  return headers
}

/** The headers for the client: the tenant's, less those of the hop. */
export function responseHeaders(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const bound = new Set(listOf(headers.connection))
  const kept = Object.entries(headers).filter(
    (entry): entry is [string, string | string[]] =>
      entry[1] !== undefined &&
      entry[0] !== guardsWord &&
      !hopByHop.has(entry[0]) &&
      !bound.has(entry[0]),
  )
  return Object.fromEntries(kept)
}

/** The same from a flat list, which keeps order, case and repetition. */
export function answerHeaders(raw: readonly string[]): string[] {
  const connectionBound = namedByConnection(raw)
  const headers: string[] = []
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? ''
    const lower = name.toLowerCase()
    if (hopByHop.has(lower) || lower === guardsWord || connectionBound.has(lower)) continue
    headers.push(name, raw[at + 1] ?? '')
  }
  return headers
}

/** Trailers that may pass: none that frame, route or name somebody (RFC 9110 6.5.1). */
export function trailersToPass(raw: readonly string[]): string[] {
  const kept: string[] = []
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? ''
    const lower = name.toLowerCase().replaceAll('_', '-')
    if (hopByHop.has(lower) || isOursToSay(lower) || notInTrailers.test(lower)) continue
    kept.push(name, raw[at + 1] ?? '')
  }
  return kept
}

const notInTrailers =
  /^(content-.*|authorization|cookie|set-cookie|cache-control|age|expires|date|location|vary|expect|max-forwards|pragma|range|if-.*|host|www-authenticate)$/

function namedByConnection(raw: readonly string[]): Set<string> {
  const named = new Set<string>()
  for (let at = 0; at + 1 < raw.length; at += 2) {
    if (raw[at]?.toLowerCase() !== 'connection') continue
    for (const name of listOf(raw[at + 1])) named.add(name)
  }
  return named
}

function listOf(value: string | undefined): string[] {
  return (value ?? '').split(',').map((name) => name.trim().toLowerCase())
}
