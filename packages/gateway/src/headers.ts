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

/** What Odoo is told about a request by the gateway alone. */
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
    if (isNotToPass(name) || connectionBound?.has(comparable(name))) continue
    headers.push(name, raw[at + 1] ?? '')
  }
  headers.push('Host', forwarding.authority)
  headers.push('X-Forwarded-Host', forwarding.authority)
  headers.push('X-Forwarded-Proto', forwarding.scheme)
  headers.push('X-Forwarded-For', forwarding.clientAddress)
  if (forwarding.database !== undefined) headers.push('X-Odoo-Database', forwarding.database)
  return headers
}

/** Python's servers (CGI) take an underscore in a name for a dash, and any case for any other. */
function comparable(name: string): string {
  return name.toLowerCase().replaceAll('_', '-')
}

const isNotToPass = remembering((name) => {
  const lower = comparable(name)
  // The body is framed anew by the one who sends it; 100-continue has been settled with the client.
  if (lower === 'content-length' || lower === 'expect') return true
  return hopByHop.has(lower) || isOursToSay(lower)
})

/** Clients use few names, in few spellings; those who use many cost their own comparisons. */
function remembering(isSo: (name: string) => boolean): (name: string) => boolean {
  const verdicts = new Map<string, boolean>()
  return (name) => {
    const known = verdicts.get(name)
    if (known !== undefined) return known
    const verdict = isSo(name)
    if (name.length <= rememberedLengthMax && verdicts.size < rememberedMax)
      verdicts.set(name, verdict)
    return verdict
  }
}

const rememberedMax = 1_000
const rememberedLengthMax = 64

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
    if (isOfTheHop(name) || connectionBound?.has(name.toLowerCase())) continue
    headers.push(name, raw[at + 1] ?? '')
  }
  return headers
}

const isOfTheHop = remembering((name) => {
  const lower = name.toLowerCase()
  return hopByHop.has(lower) || lower === guardsWord
})

/** Trailers of an answer that may pass: none that frame, route or name somebody (RFC 9110 6.5.1). */
export function trailersToPass(raw: readonly string[]): string[] {
  const kept: string[] = []
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? ''
    const lower = comparable(name)
    if (hopByHop.has(lower) || isOursToSay(lower) || notInTrailers.test(lower)) continue
    kept.push(name, raw[at + 1] ?? '')
  }
  return kept
}

const notInTrailers =
  /^(content-.*|authorization|cookie|set-cookie|cache-control|age|expires|date|location|vary|expect|max-forwards|pragma|range|if-.*|host|www-authenticate)$/

/** Undefined when there is none, as with most. */
function namedByConnection(raw: readonly string[]): Set<string> | undefined {
  let named: Set<string> | undefined
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? ''
    if (name.length !== 'connection'.length || name.toLowerCase() !== 'connection') continue
    named ??= new Set()
    for (const one of listOf(raw[at + 1])) named.add(one)
  }
  return named
}

function listOf(value: string | undefined): string[] {
  return (value ?? '').split(',').map((name) => name.trim().toLowerCase())
}
