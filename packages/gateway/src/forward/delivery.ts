import { backendMoved, backendTimeout, backendUnreachable } from '../answers.ts'
import { answerHeaders, trailersToPass } from '../headers.ts'
import { BodyRefused } from '../request-body.ts'
import { sendAnswer } from '../send-answer.ts'
import type { KeptSink } from '../static/kept-sinks.ts'
import { passEarlyHints } from './early-hints.ts'
import { type Forwarded, type RefusedBy, refusalIn } from './forwarded.ts'
import type { Outgoing } from './outgoing.ts'
import { createPieceBuffers } from './piece-buffers.ts'
import type { CallControl, CallFailure, CallHandler } from './upstream/call.ts'

/**
 * Up to this size bytes go to the client as latin-1 text, which stands for the same bytes: Node then writes head and
 * body at once, from the stack, while a buffer costs it a second piece and an object that the kernel may outlive.
 */
const textBytesMax = 16 * 1024

const pieceBuffers = createPieceBuffers()

/** Gives the answer to the client as it comes, or says what became of it. A class, since every request makes one. */
export class Delivery implements CallHandler {
  readonly #outgoing: Outgoing
  readonly #settle: (outcome: Forwarded) => void
  #control: CallControl | undefined
  #isSettled = false
  #sink: KeptSink | undefined
  readonly #onClose = () => this.#leave()
  readonly #onCalledBack = () => this.#callBack()

  constructor(outgoing: Outgoing, settle: (outcome: Forwarded) => void) {
    this.#outgoing = outgoing
    this.#settle = settle
    outgoing.response.on('close', this.#onClose)
    outgoing.calledBack?.addEventListener('abort', this.#onCalledBack, { once: true })
  }

  get isSettled(): boolean {
    return this.#isSettled
  }

  /** Whose answer it is; possibly over already. */
  follow(control: CallControl) {
    this.#control = control
    if (this.#isSettled) control.abort()
  }

  onInformation(status: number, headers: readonly string[]) {
    // The others are of this hop: 100 is settled with the client, 102 says nothing.
    if (status === 103) passEarlyHints(this.#outgoing.response, headers)
  }

  onHead(status: number, headers: readonly string[]) {
    const { response, body } = this.#outgoing
    const reason = refusalIn(status, headers)
    if (reason) {
      this.#end(this.#refuse(reason))
      this.#control?.abort()
      return
    }
    body?.release()
    // The backend's own words for the status stay behind: Node refuses some, and no program reads them.
    response.writeHead(status, answerHeaders(headers))
    this.#sink = this.#outgoing.keeper?.(status, headers)
  }

  onHeadAlone() {
    this.#outgoing.response.flushHeaders()
  }

  onData(bytes: Buffer, isLast: boolean): boolean {
    const { response } = this.#outgoing
    // Those bytes are the connection's again in a moment.
    this.#sink?.write(Buffer.from(bytes))
    let goesOn = true
    if (bytes.length <= textBytesMax) {
      const text = bytes.toString('latin1')
      if (isLast) response.end(text, 'latin1')
      else goesOn = response.write(text, 'latin1')
    } else {
      const { piece, done } = pieceBuffers.copy(bytes)
      goesOn = response.write(piece, done)
    }
    if (!goesOn && !isLast) response.once('drain', () => this.#control?.resume())
    return goesOn || isLast
  }

  onEnd(trailers: readonly string[]) {
    const { request, response } = this.#outgoing
    this.#sink?.end()
    if (!response.writableEnded) {
      // Only to those who say that they read them (RFC 9110 6.5.1).
      if (trailers.length > 0 && readsTrailers.test(String(request.headers.te ?? ''))) {
        response.addTrailers(pairsOf(trailersToPass(trailers)))
      }
      response.end()
    }
    this.#end({ type: 'answered', status: response.statusCode })
  }

  onFailure(failure: CallFailure) {
    this.#end(this.#fail(failure))
  }

  /** The client has gone, or has its answer. */
  #leave() {
    if (this.#isSettled) return
    this.#end({ type: 'left' })
    this.#control?.abort()
  }

  #callBack() {
    if (this.#isSettled || this.#outgoing.response.headersSent) return
    this.#end({ type: 'unanswered' })
    this.#control?.abort()
  }

  #end(outcome: Forwarded) {
    if (this.#isSettled) return
    this.#isSettled = true
    this.#sink?.abort()
    const { response, body, calledBack } = this.#outgoing
    calledBack?.removeEventListener('abort', this.#onCalledBack)
    // There may be many attempts; after the last, all goes together.
    if (outcome.type === 'refused' || outcome.type === 'unanswered')
      response.off('close', this.#onClose)
    else body?.release()
    this.#settle(outcome)
  }

  /** Its guard has let nothing run: so it may be asked elsewhere (RFC 9110 15.5.20), unless the body is gone. */
  #refuse(reason: RefusedBy): Forwarded {
    const { request, response, body, onRaced } = this.#outgoing
    if (body === null || body.isWhole()) return { type: 'refused', reason }
    onRaced()
    response.setHeader('Connection', 'close')
    sendAnswer(request, response, backendMoved)
    return { type: 'answered', status: response.statusCode }
  }

  /** Nothing was answered yet: say so. Otherwise cut the connection, so that the client sees it as broken. */
  #fail({ type, cause }: CallFailure): Forwarded {
    const { request, response, body } = this.#outgoing
    if (isGone(this.#outgoing)) return { type: 'left' }
    if (response.headersSent) {
      response.destroy()
      return { type: 'answered', status: response.statusCode }
    }
    if (cause instanceof BodyRefused) {
      response.setHeader('Connection', 'close')
      sendAnswer(request, response, cause.answer)
    } else if (type === 'unsent' && (body === null || body.isWhole())) {
      return { type: 'refused', reason: 'unreachable' }
    } else if (this.#outgoing.calledBack !== undefined) {
      return { type: 'unanswered' }
    } else {
      sendAnswer(request, response, type === 'late' ? backendTimeout : backendUnreachable)
    }
    return { type: 'answered', status: response.statusCode }
  }
}

/** Nobody is left to be answered. */
export function isGone({ request, response }: Outgoing): boolean {
  return response.destroyed || request.socket.destroyed
}

const readsTrailers = /(^|,)[ \t]*trailers[ \t]*(,|;|$)/i

function pairsOf(flat: readonly string[]): [string, string][] {
  return flat.flatMap((name, at) =>
    at % 2 === 0 ? [[name, flat[at + 1] ?? ''] satisfies [string, string]] : [],
  )
}
