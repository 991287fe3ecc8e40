import type { IncomingMessage } from 'node:http'

/** First line and headers together. */
export const headBytesMax = 32 * 1024

/** A browser sends twenty, with a chain of proxies before it forty. */
export const headersMax = 200

/**
 * The status that refuses a head which Node's parser lets pass although two readers could take it differently (not
 * one Host, RFC 9112 3.2; no version, which makes it HTTP/0.9, and yet headers and a body), or which is longer than
 * we read it. Undefined: it may pass.
 */
export function refusedHead({
  rawHeaders,
  httpVersionMajor,
  httpVersionMinor,
}: IncomingMessage): 400 | 431 | undefined {
  if (httpVersionMajor !== 1) return 400
  if (rawHeaders.length > 2 * headersMax) return 431
  let hosts = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1
  }
  const isWithout = hosts === 0 && httpVersionMinor > 0
  return hosts > 1 || isWithout ? 400 : undefined
}
