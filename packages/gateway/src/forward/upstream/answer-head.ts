/** How the body of an answer ends (RFC 9112 6.3). */
export type Framing =
  | { readonly type: 'none' }
  | { readonly type: 'length'; readonly bytes: number }
  | { readonly type: 'chunked' }
  | { readonly type: 'close' }

export interface AnswerHead {
  readonly status: number
  /** Flat list of names and values, as they came. */
  readonly headers: string[]
  readonly framing: Framing
  /** Whether the connection may carry another request after this answer. */
  readonly isKept: boolean
}

/** What a backend says is not HTTP/1, or could be read in two ways: then it is not read at all. */
export class AnswerError extends Error {}

const statusLine = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: .*)?$/
const fieldName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what a value may not hold.
const forbiddenInValue = /[\x00-\x08\x0a-\x1f\x7f]/

/** Reads the lines of a head, without the empty one at their end. */
export function parseAnswerHead(text: string, method: string): AnswerHead {
  const lineEnd = text.indexOf('\r\n')
  const line = lineEnd < 0 ? text : text.slice(0, lineEnd)
  const match = statusLine.exec(line)
  if (!match) throw new AnswerError('the status line is not valid')
  const status = Number(match[2])
  const isOld = match[1] === '0'
  const headers = lineEnd < 0 ? [] : parseFields(text, lineEnd + 2)
  const { length, isChunked, connection } = framingFields(headers)
  if (isChunked && (isOld || length !== undefined)) {
    throw new AnswerError('the length of the body is said in two ways')
  }
  const framing = framingOf({ method, status, length, isChunked })
  const isKept = isOld ? connection === 'keep-alive' : connection !== 'close'
  return { status, headers, framing, isKept: isKept && framing.type !== 'close' }
}

/** Lines `name: value` from `at` on; also the trailers of a chunked body. */
export function parseFields(text: string, at: number): string[] {
  const fields: string[] = []
  let from = at
  while (from < text.length) {
    const found = text.indexOf('\r\n', from)
    const end = found < 0 ? text.length : found
    const colon = text.indexOf(':', from)
    if (colon < 0 || colon > end) throw new AnswerError('a header has no name')
    const name = text.slice(from, colon)
    const value = trimmed(text, colon + 1, end)
    // Also refuses a folded line, whose "name" begins with a space, and one that ends in a bare CR or LF.
    if (!fieldName.test(name) || forbiddenInValue.test(value)) {
      throw new AnswerError('a header is not valid')
    }
    fields.push(name, value)
    from = end + 2
  }
  return fields
}

function trimmed(text: string, from: number, to: number): string {
  let start = from
  let end = to
  while (start < end && isBlank(text.charCodeAt(start))) start += 1
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1
  return text.slice(start, end)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}

interface FramingFields {
  readonly length: number | undefined
  readonly isChunked: boolean
  readonly connection: 'close' | 'keep-alive' | undefined
}

function framingFields(headers: readonly string[]): FramingFields {
  let length: number | undefined
  let isChunked = false
  let connection: FramingFields['connection']
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at] ?? ''
    // The lengths of `connection`, `content-length` and `transfer-encoding`: most names are none of them.
    if (name.length !== 10 && name.length !== 14 && name.length !== 17) continue
    const value = headers[at + 1] ?? ''
    switch (name.toLowerCase()) {
      case 'content-length':
        if (length !== undefined || !/^\d{1,15}$/.test(value)) {
          throw new AnswerError('the length is not valid')
        }
        length = Number(value)
        break
      case 'transfer-encoding':
        if (isChunked || value.toLowerCase() !== 'chunked') {
          throw new AnswerError('the transfer encoding is not known')
        }
        isChunked = true
        break
      case 'connection':
        if (/(^|,)[ \t]*close[ \t]*(,|$)/i.test(value)) connection = 'close'
        else if (/(^|,)[ \t]*keep-alive[ \t]*(,|$)/i.test(value)) connection ??= 'keep-alive'
        break
    }
  }
  return { length, isChunked, connection }
}

interface BodyFacts {
  readonly method: string
  readonly status: number
  readonly length: number | undefined
  readonly isChunked: boolean
}

function framingOf({ method, status, length, isChunked }: BodyFacts): Framing {
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return { type: 'none' }
  if (isChunked) return { type: 'chunked' }
  if (length === undefined) return { type: 'close' }
  return length === 0 ? { type: 'none' } : { type: 'length', bytes: length }
}
