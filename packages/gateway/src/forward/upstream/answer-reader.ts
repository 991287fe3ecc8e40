import { AnswerError, type AnswerHead, parseAnswerHead } from './answer-head.ts'
import { type ChunkedBody, createChunkedBody } from './chunked-body.ts'

/** What is told of an answer, in this order. Bytes are valid during the call only. */
export interface AnswerEvents {
  /** 1xx but 101: the answer itself is still to come. */
  onInformation(head: AnswerHead): void
  onHead(head: AnswerHead): void
  /** `isLast`: `onEnd` follows at once. */
  onData(part: Buffer, isLast: boolean): void
  onEnd(trailers: readonly string[]): void
}

export interface AnswerReader {
  /** Throws `AnswerError` for what is no answer. Returns false once bytes came that belong to none. */
  push(bytes: Buffer): boolean
  /** The backend has closed its side. Returns whether the answer is whole. */
  end(): boolean
}

const headBytesMax = 32 * 1024
/** Information has no end of its own; nobody sends more than a few. */
const informationMax = 16
const none = Buffer.alloc(0)

/** Reads one answer to a request with this method, strictly. */
export function createAnswerReader(method: string, events: AnswerEvents): AnswerReader {
  let pending: Buffer = none
  let head: AnswerHead | undefined
  let informed = 0
  let missing = 0
  let chunked: ChunkedBody | undefined
  let isDone = false

  return {
    push(bytes) {
      let rest = bytes
      while (!head) {
        const after = takeHead(rest)
        if (!after) return true
        rest = after
      }
      if (rest.length === 0) return true
      if (isDone) return false
      return takeBody(rest, head)
    },
    end() {
      if (isDone || head?.framing.type !== 'close') return isDone
      isDone = true
      events.onEnd([])
      return true
    },
  }

  /** What follows the head; undefined when that is not whole yet. */
  function takeHead(bytes: Buffer): Buffer | undefined {
    const all = pending.length === 0 ? bytes : Buffer.concat([pending, bytes])
    const end = all.indexOf('\r\n\r\n', Math.max(0, pending.length - 3), 'latin1')
    if (end < 0 ? all.length > headBytesMax : end > headBytesMax) {
      throw new AnswerError('the head is too large')
    }
    if (end < 0) {
      // The bytes are the reader's for the length of this call only.
      pending = all === bytes ? Buffer.from(bytes) : all
      return undefined
    }
    pending = none
    begin(parseAnswerHead(all.toString('latin1', 0, end), method))
    return all.subarray(end + 4)
  }

  function begin(parsed: AnswerHead) {
    if (parsed.status === 101) throw new AnswerError('nobody asked for another protocol')
    if (parsed.status < 200) {
      informed += 1
      if (informed > informationMax) throw new AnswerError('too much information')
      events.onInformation(parsed)
      return
    }
    head = parsed
    const { framing } = parsed
    if (framing.type === 'length') missing = framing.bytes
    if (framing.type === 'chunked') {
      chunked = createChunkedBody({ onData: (part) => events.onData(part, false), onEnd: finish })
    }
    events.onHead(parsed)
    if (framing.type === 'none') finish([])
  }

  function takeBody(bytes: Buffer, { framing }: AnswerHead): boolean {
    if (chunked) return chunked.push(bytes) === bytes.length
    if (framing.type === 'close') {
      events.onData(bytes, false)
      return true
    }
    const part = bytes.length > missing ? bytes.subarray(0, missing) : bytes
    missing -= part.length
    events.onData(part, missing === 0)
    if (missing === 0) finish([])
    return part.length === bytes.length
  }

  function finish(trailers: readonly string[]) {
    isDone = true
    events.onEnd(trailers)
  }
}
