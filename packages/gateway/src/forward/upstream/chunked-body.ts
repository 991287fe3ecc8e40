import { AnswerError, parseFields } from './answer-head.ts'

/** What a chunked body (RFC 9112 7.1) tells as it is read. */
export interface ChunkedEvents {
  onData(part: Buffer): void
  onEnd(trailers: string[]): void
}

export interface ChunkedBody {
  /** Returns how many bytes were of this body: fewer than given only after its end. */
  push(bytes: Buffer): number
}

/** A line that tells a size, with extensions that nobody reads. */
const sizeLineMax = 4096
const trailersMax = 32 * 1024
const token = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+"
const sizeLine = new RegExp(
  `^([0-9a-fA-F]{1,12})(?:;${token}(?:=(?:${token}|"[\\t !\\x23-\\x5b\\x5d-\\x7e]*"))?)*$`,
)

export function createChunkedBody(events: ChunkedEvents): ChunkedBody {
  /** What of a line has come. */
  let text = ''
  let state: 'size' | 'data' | 'data-end' | 'trailers' | 'done' = 'size'
  let missing = 0

  return {
    push(bytes) {
      let at = 0
      while (at < bytes.length && state !== 'done') {
        at = state === 'data' ? takeData(bytes, at) : takeLine(bytes, at)
      }
      return at
    },
  }

  function takeData(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + missing)
    missing -= end - at
    if (missing === 0) state = 'data-end'
    events.onData(bytes.subarray(at, end))
    return end
  }

  function takeLine(bytes: Buffer, at: number): number {
    const newline = bytes.indexOf(0x0a, at)
    const end = newline < 0 ? bytes.length : newline + 1
    text += bytes.toString('latin1', at, end)
    if (text.length > (state === 'trailers' ? trailersMax : sizeLineMax)) {
      throw new AnswerError('a line of a chunk is too long')
    }
    if (newline >= 0) endLine()
    return end
  }

  function endLine() {
    if (!text.endsWith('\r\n')) throw new AnswerError('a line of a chunk ends without CR')
    if (state === 'trailers') return endTrailer()
    const line = text.slice(0, -2)
    text = ''
    if (state === 'data-end') {
      if (line !== '') throw new AnswerError('a chunk is longer than its size')
      state = 'size'
      return
    }
    const size = sizeLine.exec(line)?.[1]
    if (size === undefined) throw new AnswerError('the size of a chunk is not valid')
    missing = Number.parseInt(size, 16)
    state = missing === 0 ? 'trailers' : 'data'
  }

  /** Trailers are gathered whole; an empty line ends them. */
  function endTrailer() {
    if (text !== '\r\n' && !text.endsWith('\r\n\r\n')) return
    state = 'done'
    events.onEnd(text === '\r\n' ? [] : parseFields(text.slice(0, -4), 0))
  }
}
