import type { IncomingMessage } from 'node:http'

/** First line and headers together. */
export const headBytesMax = 32 * 1024

/** A browser sends twenty, with a chain of proxies before it forty. */
export const headersMax = 200

/**
 * The status that refuses a head which Node's parser lets pass although two readers could take it differently (not
 * one Host, RFC 9112 3.2; no version, which makes it HTTP/0.9, and yet headers and a body; a body coded otherwise than
 * in chunks alone), or which is longer than we read it. Undefined: it may pass.
 */
export function refusedHead({
  rawHeaders,
  httpVersionMajor,
  httpVersionMinor,
}: IncomingMessage): 400 | 431 | undefined {
  if (httpVersionMajor !== 1) return 400
  if (rawHeaders.length > 2 * headersMax) return 431
  let hosts = 0
  let codings = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    if (isNamed(name, 'host')) hosts += 1
    else if (isNamed(name, 'transfer-encoding')) {
      codings += 1
      if (!isChunked(rawHeaders[at + 1] ?? '')) return 400
    }
  }
  // HTTP/1.0 knows no codings: who hands it on may take such a body for the next request (RFC 9112 6.1).
  if (codings > (httpVersionMinor > 0 ? 1 : 0)) return 400
  const isWithout = hosts === 0 && httpVersionMinor > 0
  return hosts > 1 || isWithout ? 400 : undefined
}

/** Most names differ in length already. */
function isNamed(name: string, wanted: string): boolean {
  return name.length === wanted.length && name.toLowerCase() === wanted
}

/** Of a list, Node takes the last for the whole, and we would send on a body whose other codings nobody told of. */
function isChunked(coding: string): boolean {
  return coding.trim().toLowerCase() === 'chunked'
}
