/** A request as a second reader of HTTP/1.1 takes it from the wire, in latin-1. */
export interface WireRequest {
  readonly method: string
  readonly target: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

export type Reading =
  | { readonly type: 'request'; readonly request: WireRequest; readonly rest: string }
  /** So far nothing is wrong with it. */
  | { readonly type: 'more' }
  | { readonly type: 'malformed'; readonly why: string }

const requestLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([\x21-\x7e]+) HTTP\/1\.[01]$/
const headerLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/
const chunkLine = /^([0-9A-Fa-f]{1,8})(?:;[\t\x20-\x7e\x80-\xff]*)?$/

/**
 * The first request of `text`, by the letter of RFC 9112 and with no leniency at all: whatever two readers could take
 * differently is malformed. It shares no code with Node's parser, which is the point of it.
 */
export function readRequest(text: string): Reading {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return /(^|[^\r])\n/.test(text) ? malformed('a bare line feed') : { type: 'more' }
  const [first = '', ...lines] = text.slice(0, end).split('\r\n')
  const [, method = '', target = ''] = requestLine.exec(first) ?? []
  if (method === '') return malformed(`the request line ${JSON.stringify(first)}`)
  const headers = headersOf(lines)
  if (headers === undefined) return malformed(`a header of ${JSON.stringify(lines)}`)
  if (valuesOf(headers, 'host').length !== 1) return malformed('not one host')
  const body = readBody(headers, text.slice(end + 4))
  if (body.type !== 'body') return body
  return {
    type: 'request',
    request: { method, target, headers, body: body.body },
    rest: body.rest,
  }
}

/** All requests up to the first that is unfinished or malformed, but for what moves no border between two of them. */
export function readRequests(text: string): readonly WireRequest[] {
  const requests: WireRequest[] = []
  for (let rest = text; ; ) {
    const reading = readRequest(withoutSlips(rest))
    if (reading.type !== 'request') return requests
    requests.push(reading.request)
    rest = reading.rest
  }
}

/**
 * Empty lines before a request, or halves of them (RFC 9112 2.2), and more than one space between the words of its line
 * (RFC 9112 3): a reader may pass over both, and whoever does finds no other request by it.
 */
function withoutSlips(text: string): string {
  return text
    .replace(/^[\r\n]+/, '')
    .replace(/^([^\r\n ]+) +([^\r\n]*[^\r\n ]) +(HTTP\/1\.[01]\r\n)/, '$1 $2 $3')
}

export function valuesOf(headers: WireRequest['headers'], wanted: string): string[] {
  return headers.flatMap(([name, value]) => (name.toLowerCase() === wanted ? [value] : []))
}

type BodyReading =
  | { readonly type: 'body'; readonly body: string; readonly rest: string }
  | Exclude<Reading, { readonly type: 'request' }>

function readBody(headers: WireRequest['headers'], text: string): BodyReading {
  const lengths = valuesOf(headers, 'content-length')
  const codings = valuesOf(headers, 'transfer-encoding')
  const [coding, length] = [codings[0], lengths[0] ?? '0']
  if (coding !== undefined) {
    if (lengths.length > 0) return malformed('both a length and a coding')
    if (codings.length > 1 || coding.trim().toLowerCase() !== 'chunked') {
      return malformed(`the coding ${codings.join()}`)
    }
    return readChunks(text)
  }
  if (lengths.length > 1 || !/^0*\d{1,15}$/.test(length.trim())) {
    return malformed(`the length ${lengths.join()}`)
  }
  const bytes = Number(length)
  if (text.length < bytes) return { type: 'more' }
  return { type: 'body', body: text.slice(0, bytes), rest: text.slice(bytes) }
}

function readChunks(text: string): BodyReading {
  let body = ''
  for (let rest = text; ; ) {
    const end = rest.indexOf('\r\n')
    if (end < 0) return { type: 'more' }
    const line = rest.slice(0, end)
    const [, digits] = chunkLine.exec(line) ?? []
    if (digits === undefined) return malformed(`the chunk size ${JSON.stringify(line)}`)
    const size = Number.parseInt(digits, 16)
    const after = rest.slice(end + 2)
    if (size === 0) return readTrailers(body, after)
    if (after.length < size + 2) return { type: 'more' }
    if (after.slice(size, size + 2) !== '\r\n') return malformed('a chunk longer than its size')
    body += after.slice(0, size)
    rest = after.slice(size + 2)
  }
}

function readTrailers(body: string, text: string): BodyReading {
  if (text.startsWith('\r\n')) return { type: 'body', body, rest: text.slice(2) }
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return { type: 'more' }
  if (headersOf(text.slice(0, end).split('\r\n')) === undefined) return malformed('a trailer')
  return { type: 'body', body, rest: text.slice(end + 4) }
}

function headersOf(lines: readonly string[]): WireRequest['headers'] | undefined {
  const headers = lines.map((line) => headerLine.exec(line))
  if (headers.includes(null)) return undefined
  return headers.map((match) => [match?.[1] ?? '', match?.[2] ?? ''] as const)
}

function malformed(why: string) {
  return { type: 'malformed', why } as const
}
