import type { AnswerHead } from './answer-head.ts'
import { type AnswerEvents, AnswerReader } from './answer-reader.ts'
import type { Call, CallBody, CallControl, CallFailure, CallHandler } from './call.ts'
import type { Connection, ConnectionUser } from './connection.ts'
import { requestHead } from './request-head.ts'
import { sendBody } from './send-body.ts'

/** Where connections come from and go to. */
export interface Connections {
  /** One that has carried a request before. */
  takeKept(call: Call): Connection | undefined
  open(call: Call): Connection
  /** It is fit for another request. */
  keep(connection: Connection): void
}

/**
 * One request and its answer: on one connection, or on a second if the first was kept and turns out to be closed. A
 * class, since every request makes one: its methods are not made anew.
 */
export class Attempt implements ConnectionUser, AnswerEvents, CallControl {
  readonly #call: Call
  readonly #handler: CallHandler
  readonly #connections: Connections
  readonly #reader: AnswerReader
  #connection: Connection
  #isReused: boolean
  #head: AnswerHead | undefined
  #isSent = false
  #isWritten = false
  #hasAnswered = false
  #hasData = false
  #isPaused = false
  /** More of the request's body is still to come; whoever sends it has limits of its own. */
  #isClientAwaited = false
  /** The handler hears nothing more. */
  #isOver = false
  #onDrained: (() => void) | undefined

  constructor(call: Call, handler: CallHandler, connections: Connections) {
    this.#call = call
    this.#handler = handler
    this.#connections = connections
    this.#reader = new AnswerReader(call.method, this)
    const kept = call.mayReuse ? connections.takeKept(call) : undefined
    this.#isReused = kept !== undefined
    this.#connection = kept ?? connections.open(call)
    this.#connection.user = this
    if (kept) this.onConnected()
    else this.#connection.limit(call.connectTimeoutMs)
  }

  onConnected() {
    if (this.#isOver) return
    try {
      this.#connection.socket.write(requestHead(this.#call), 'latin1')
    } catch (error) {
      this.#fail('broken', asError(error))
      return
    }
    this.#isSent = true
    if (this.#call.body) void this.#sendBody(this.#call.body)
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
      if (wasWaiting && !this.#hasData) this.#handler.onHeadAlone()
      this.#await()
    }
    return !this.#isPaused
  }

  onInformation({ status, headers }: AnswerHead) {
    if (!this.#isOver) this.#handler.onInformation(status, headers)
  }

  onHead(head: AnswerHead) {
    this.#head = head
    if (!this.#isOver) this.#handler.onHead(head.status, head.headers)
  }

  onData(bytes: Buffer, isLast: boolean) {
    this.#hasData = true
    if (this.#isOver || bytes.length === 0) return
    if (!this.#handler.onData(bytes, isLast)) this.#isPaused = true
  }

  onEnd(trailers: readonly string[]) {
    if (this.#isOver) return
    this.#isOver = true
    this.#handler.onEnd(trailers)
  }

  onBackendEnd() {
    if (this.#isOver) return
    this.#reader.end()
    if (this.#isOver) this.#connection.socket.destroy()
  }

  onDrain() {
    this.#onDrained?.()
  }

  onClosed(cause: Error) {
    this.#onDrained?.()
    if (this.#isOver) return
    if (this.#isReused && !this.#hasAnswered) return this.#startAnew()
    this.#fail(this.#isSent ? 'broken' : 'unsent', cause)
  }

  onLate() {
    if (!this.#isSent) return this.#fail('unsent', new Error('cannot connect in time'))
    if (!this.#head) return this.#fail('late', new Error('there is no answer in time'))
    this.#fail('broken', new Error('the answer stopped'))
  }

  resume() {
    if (!this.#isPaused || this.#isOver) return
    this.#isPaused = false
    this.#await()
    this.#connection.socket.resume()
  }

  abort() {
    this.#isOver = true
    this.#connection.socket.destroy()
  }

  /** The kept connection has closed before any byte of the answer. */
  #startAnew() {
    this.#isReused = false
    this.#isSent = false
    this.#isWritten = false
    this.#connection = this.#connections.open(this.#call)
    this.#connection.user = this
    this.#connection.limit(this.#call.connectTimeoutMs)
  }

  /** The answer is whole: the connection may carry another, if nothing of this exchange is left on it. */
  #letGo(isFit: boolean) {
    if (isFit && this.#isWritten && this.#head?.isKept) {
      this.#connection.user = undefined
      this.#connections.keep(this.#connection)
      return
    }
    this.#connection.socket.destroy()
  }

  async #sendBody(body: CallBody) {
    const { socket } = this.#connection
    try {
      const isWhole = await sendBody(socket, body, {
        isOver: () => this.#isOver,
        onWaiting: () => this.#awaitClient(true),
        onWritten: () => this.#awaitClient(false),
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
    this.#await()
  }

  #awaitClient(isAwaited: boolean) {
    this.#isClientAwaited = isAwaited
    this.#await()
  }

  /** From now on, as long as it may take: while its reader or its writer is waited for, the backend's time stands still. */
  #await() {
    if (this.#isOver) return
    const { answerTimeoutMs, answerIdleTimeoutMs } = this.#call
    if (this.#isClientAwaited || this.#isPaused) this.#connection.limit(Number.POSITIVE_INFINITY)
    else this.#connection.limit(this.#head ? answerIdleTimeoutMs : answerTimeoutMs)
  }

  #fail(type: CallFailure['type'], cause: Error) {
    if (this.#isOver) return
    this.#isOver = true
    this.#connection.socket.destroy()
    this.#handler.onFailure({ type, cause })
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
