import type { AnswerHead } from './answer-head.ts'
import { type AnswerEvents, type AnswerReader, createAnswerReader } from './answer-reader.ts'
import type { Call, CallBody, CallControl, CallFailure, CallHandler } from './call.ts'
import type { Connection, ConnectionUser } from './connection.ts'
import { requestHead } from './request-head.ts'
import { sendBody } from './send-body.ts'

export interface AttemptOptions {
  readonly call: Call
  readonly handler: CallHandler
  /** The connection has carried a request before, so the backend may have closed it meanwhile. */
  readonly isReused: boolean
  /** The connection is fit for another request. */
  readonly onKept: (connection: Connection) => void
  /** The reused connection has closed before any byte of the answer. */
  readonly onStale: () => void
}

/** One request and its answer on one connection. A class, since every request makes one: its methods are not made anew. */
export class Attempt implements ConnectionUser, AnswerEvents, CallControl {
  readonly #connection: Connection
  readonly #options: AttemptOptions
  readonly #reader: AnswerReader
  #head: AnswerHead | undefined
  #isSent = false
  #isWritten = false
  #hasAnswered = false
  #hasData = false
  #isPaused = false
  /** The handler hears nothing more. */
  #isOver = false
  #onDrained: (() => void) | undefined

  constructor(connection: Connection, options: AttemptOptions) {
    this.#connection = connection
    this.#options = options
    this.#reader = createAnswerReader(options.call.method, this)
    connection.user = this
    if (options.isReused) this.onConnected()
    else this.#await(options.call.connectTimeoutMs)
  }

  onConnected() {
    if (this.#isOver) return
    const { call } = this.#options
    try {
      this.#connection.socket.write(requestHead(call), 'latin1')
    } catch (error) {
      this.#fail('broken', asError(error))
      return
    }
    this.#isSent = true
    if (call.body) void this.#sendBody(call.body)
    else this.#endRequest()
  }

  onBytes(bytes: Buffer): boolean {
    if (this.#isOver) return false
    const wasWaiting = this.#head === undefined
    this.#hasAnswered = true
    this.#hasData = false
    let isFit = false
    try {
      isFit = this.#reader.push(bytes)
    } catch (error) {
      this.#fail('broken', asError(error))
    }
    if (this.#isOver) {
      this.#letGo(isFit)
      return true
    }
    if (this.#head) {
      if (wasWaiting && !this.#hasData) this.#options.handler.onHeadAlone()
      this.#await(this.#options.call.answerIdleTimeoutMs)
    }
    return !this.#isPaused
  }

  onInformation({ status, headers }: AnswerHead) {
    if (!this.#isOver) this.#options.handler.onInformation(status, headers)
  }

  onHead(head: AnswerHead) {
    this.#head = head
    if (!this.#isOver) this.#options.handler.onHead(head.status, head.headers)
  }

  onData(bytes: Buffer, isLast: boolean) {
    this.#hasData = true
    if (this.#isOver || bytes.length === 0) return
    if (!this.#options.handler.onData(bytes, isLast)) this.#isPaused = true
  }

  onEnd(trailers: readonly string[]) {
    if (this.#isOver) return
    this.#isOver = true
    this.#options.handler.onEnd(trailers)
  }

  onBackendEnd() {
    if (!this.#isOver) this.#reader.end()
  }

  onDrain() {
    this.#onDrained?.()
  }

  onClosed(cause: Error) {
    this.#onDrained?.()
    if (this.#isOver) return
    if (this.#options.isReused && !this.#hasAnswered) {
      this.#isOver = true
      this.#options.onStale()
      return
    }
    this.#fail(this.#isSent ? 'broken' : 'unsent', cause)
  }

  onLate() {
    if (!this.#isSent) return this.#fail('unsent', new Error('cannot connect in time'))
    if (!this.#head) return this.#fail('late', new Error('there is no answer in time'))
    this.#fail(
      'broken',
      new Error(this.#isPaused ? 'nobody reads the answer' : 'the answer stopped'),
    )
  }

  resume() {
    if (!this.#isPaused || this.#isOver) return
    this.#isPaused = false
    this.#await(this.#options.call.answerIdleTimeoutMs)
    this.#connection.socket.resume()
  }

  abort() {
    this.#isOver = true
    this.#connection.socket.destroy()
  }

  /** The answer is whole: the connection may carry another, if nothing of this exchange is left on it. */
  #letGo(isFit: boolean) {
    if (isFit && this.#isWritten && this.#head?.isKept) {
      this.#connection.user = undefined
      this.#options.onKept(this.#connection)
      return
    }
    this.#connection.socket.destroy()
  }

  async #sendBody(body: CallBody) {
    const { socket } = this.#connection
    try {
      const isWhole = await sendBody(socket, body, {
        isOver: () => this.#isOver,
        onWaiting: () => this.#waitUnlessAnswered(Number.POSITIVE_INFINITY),
        onWritten: () => this.#waitUnlessAnswered(this.#options.call.answerTimeoutMs),
        drained: () => this.#drained(),
      })
      if (isWhole) this.#endRequest()
      else this.#fail('broken', new Error('the body is not as long as it was announced'))
    } catch (error) {
      this.#fail('broken', asError(error))
    }
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#onDrained = resolve
      if (this.#connection.socket.destroyed) resolve()
    })
  }

  #endRequest() {
    this.#isWritten = true
    this.#waitUnlessAnswered(this.#options.call.answerTimeoutMs)
  }

  #waitUnlessAnswered(ms: number) {
    if (!this.#head && !this.#isOver) this.#await(ms)
  }

  #await(ms: number) {
    this.#connection.deadline = performance.now() + ms
  }

  #fail(type: CallFailure['type'], cause: Error) {
    if (this.#isOver) return
    this.#isOver = true
    this.#connection.socket.destroy()
    this.#options.handler.onFailure({ type, cause })
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
