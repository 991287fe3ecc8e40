import type { IncomingMessage, ServerResponse } from 'node:http'
import { unescape as decode } from 'node:querystring'

type Answering = (request: IncomingMessage, response: ServerResponse) => void

interface GuardedProcess {
  /** Whoever says this means it. */
  readonly identity: string
  readonly isSealed?: boolean
  /** The tenant behind its guard. */
  readonly answer: Answering
}

/**
 * A tenant's process as a gateway meets it: behind a guard like `plana_gateway`, whose list of cases holds this one to
 * the same. It knows nothing of what others ask: probes, and Pulse itself.
 */
export function guardedProcess({ identity, isSealed = false, answer }: GuardedProcess) {
  const isMeant = ({ headers }: IncomingMessage) => headers['x-pulse-backend'] === identity
  const statusFor = (request: IncomingMessage) => {
    if (!isMeant(request)) return { status: 421, word: 'identity' }
    if (isSealed) return { status: 421, word: 'sealed' }
    return isPulsesOwn(request.url ?? '') ? { status: 404 } : undefined
  }
  const guarded: Answering = (request, response) => {
    const own = statusFor(request)
    if (own === undefined) return answer(request, response)
    request.resume()
    response.writeHead(own.status, headersWith(own.word)).end()
  }
  return { isMeant, answer: guarded }
}

/** The bytes of a guard's refusal, for a backend that speaks over a socket; it ends its connection. */
export function refusal(word: string): string {
  const fields = Object.entries(headersWith(word)).map(([name, value]) => `${name}: ${value}`)
  return ['HTTP/1.1 421 Misdirected Request', ...fields, 'Connection: close', '', ''].join('\r\n')
}

function headersWith(word: string | undefined) {
  const own = { 'Content-Length': '0', 'Cache-Control': 'no-store' }
  return word === undefined ? own : { ...own, 'X-Pulse-Refused': word }
}

/** However its prefix is written. */
function isPulsesOwn(target: string): boolean {
  const [path = ''] = target.split('?')
  return /^\/+plana\//.test(decode(path))
}
