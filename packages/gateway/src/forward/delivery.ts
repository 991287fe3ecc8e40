import { answerHeaders, trailersToPass } from '../headers.ts'
import type { Outgoing } from './outgoing.ts'
import type { CallHandler } from './upstream/call.ts'

/**
 * Up to this size bytes go to the client as latin-1 text, which stands for the same bytes: Node then writes head and
 * body at once, from the stack, while a buffer costs it a second piece and an object that the kernel may outlive.
 */
const textBytesMax = 16 * 1024

/** Gives an answer to the client as it comes. `resume` is called once the client takes more, after a false of `onData`. */
export function createDelivery(
  { request, response }: Pick<Outgoing, 'request' | 'response'>,
  resume: () => void,
): Omit<CallHandler, 'onFailure'> {
  return {
    onInformation(status, headers) {
      // The others are of this hop: 100 is settled with the client, 102 says nothing.
      if (status !== 103 || request.httpVersion !== '1.1' || response.headersSent) return
      const link = valuesOf(answerHeaders(headers), 'link')
      // Node throws at a link that it does not know how to read.
      if (link.length > 0 && link.every((value) => linkValue.test(value))) {
        response.writeEarlyHints({ link })
      }
    },
    onHead(status, headers) {
      // The backend's own words for the status stay behind: Node refuses some, and no program reads them.
      response.writeHead(status, answerHeaders(headers))
    },
    onHeadAlone: () => response.flushHeaders(),
    onData(bytes, isLast) {
      const isText = bytes.length <= textBytesMax
      const piece = isText ? bytes.toString('latin1') : Buffer.from(bytes)
      const encoding = isText ? 'latin1' : 'utf8'
      if (isLast) {
        response.end(piece, encoding)
        return true
      }
      if (response.write(piece, encoding)) return true
      response.once('drain', resume)
      return false
    },
    onEnd(trailers) {
      if (response.writableEnded) return
      // Only to those who say that they read them (RFC 9110 6.5.1).
      if (trailers.length > 0 && /(^|,)[ \t]*trailers\b/i.test(String(request.headers.te ?? ''))) {
        response.addTrailers(pairsOf(trailersToPass(trailers)))
      }
      response.end()
    },
  }
}

const linkValue = /^(?:<[^>]*>)(?:\s*;\s*[^;"\s]+(?:=(["']?)[^;"\s]*\1)?)*$/

function valuesOf(headers: readonly string[], name: string): string[] {
  return pairsOf(headers).flatMap(([key, value]) => (key.toLowerCase() === name ? [value] : []))
}

function pairsOf(flat: readonly string[]): [string, string][] {
  return flat.flatMap((name, at) =>
    at % 2 === 0 ? [[name, flat[at + 1] ?? ''] satisfies [string, string]] : [],
  )
}
