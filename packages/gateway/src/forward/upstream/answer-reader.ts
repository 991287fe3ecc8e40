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

const headBytesMax = 32 * 1024
/** Information has no end of its own; nobody sends more than a few. */
const informationMax = 16
const none = Buffer.alloc(0)
const headEnd = Buffer.from('\r\n\r\n')

/** Reads one answer to a request with this method, strictly. A class, since every request makes one. */
export class AnswerReader {
  readonly #method: string
  readonly #events: AnswerEvents
  #pending: Buffer = none
  #head: AnswerHead | undefined
  #informed = 0
  #missing = 0
  #chunked: ChunkedBody | undefined
  #isDone = false

  constructor(method: string, events: AnswerEvents) {
    this.#method = method
    this.#events = events
  }

  /** Throws `AnswerError` for what is no answer. Returns false once bytes came that belong to none. */
  push(bytes: Buffer): boolean {
    let rest = bytes
    while (!this.#head) {
      const after = this.#takeHead(rest)
      if (!after) return true
      rest = after
    }
    if (rest.length === 0) return true
    if (this.#isDone) return false
    return this.#takeBody(rest, this.#head)
  }

  /** The backend has closed its side: the end of a body that has no other. */
  end() {
    if (!this.#isDone && this.#head?.framing.type === 'close') this.#finish([])
  }

  /** What follows the head; undefined when that is not whole yet. */
  #takeHead(bytes: Buffer): Buffer | undefined {
    const pending = this.#pending
    const all = pending.length === 0 ? bytes : Buffer.concat([pending, bytes])
    const end = all.indexOf(headEnd, Math.max(0, pending.length - 3))
    if (end < 0 ? all.length > headBytesMax : end > headBytesMax) {
      throw new AnswerError('the head is too large')
    }
    if (end < 0) {
      // The bytes are the reader's for the length of this call only.
      this.#pending = all === bytes ? Buffer.from(bytes) : all
      return undefined
    }
    this.#pending = none
    this.#begin(parseAnswerHead(all.toString('latin1', 0, end), this.#method))
    return all.subarray(end + 4)
  }

  #begin(parsed: AnswerHead) {
    if (parsed.status === 101) throw new AnswerError('nobody asked for another protocol')
    if (parsed.status < 200) {
      this.#informed += 1
      if (this.#informed > informationMax) throw new AnswerError('too much information')
      this.#events.onInformation(parsed)
      return
    }
    this.#head = parsed
    const { framing } = parsed
    if (framing.type === 'length') this.#missing = framing.bytes
    if (framing.type === 'chunked') {
      this.#chunked = createChunkedBody({
        onData: (part) => this.#events.onData(part, false),
        onEnd: (trailers) => this.#finish(trailers),
      })
    }
    this.#events.onHead(parsed)
    if (framing.type === 'none') this.#finish([])
  }

  #takeBody(bytes: Buffer, { framing }: AnswerHead): boolean {
    if (this.#chunked) return this.#chunked.push(bytes) === bytes.length
    if (framing.type === 'close') {
      this.#events.onData(bytes, false)
      return true
    }
    const part = bytes.length > this.#missing ? bytes.subarray(0, this.#missing) : bytes
    this.#missing -= part.length
    this.#events.onData(part, this.#missing === 0)
    if (this.#missing === 0) this.#finish([])
    return part.length === bytes.length
  }

  #finish(trailers: readonly string[]) {
    this.#isDone = true
    this.#events.onEnd(trailers)
  }
}
