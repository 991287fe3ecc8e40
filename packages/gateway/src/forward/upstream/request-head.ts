import { isRequestTarget } from '../../request-target.ts'
import type { Call } from './call.ts'

// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what must not be in a head.
const breaksLine = /[\x00\r\n]/

/**
 * The head of a request, as latin-1. Node's parser has refused already what is refused here; but a line break that got
 * through would be a request of its own, so it is not left to one place.
 */
export function requestHead({ method, target, headers, body }: Call): string {
  if (!isRequestTarget(target)) throw new Error('the request target is not valid')
  let head = `${method} ${target} HTTP/1.1\r\n`
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const value = headers[at + 1] ?? ''
    // Names are tokens or our own.
    if (breaksLine.test(value)) throw new Error('a header of the request is not valid')
    head += `${headers[at]}: ${value}\r\n`
  }
  return `${head}${framingOf(body, method)}\r\n`
}

function framingOf(body: Call['body'], method: string): string {
  if (body === null) return takesBody(method) ? 'Content-Length: 0\r\n' : ''
  if (body.bytes === undefined) return 'Transfer-Encoding: chunked\r\n'
  return `Content-Length: ${body.bytes}\r\n`
}

/** Where servers ask for a length although there is nothing (RFC 9110 8.6). */
function takesBody(method: string): boolean {
  return method === 'POST' || method === 'PUT' || method === 'PATCH'
}
