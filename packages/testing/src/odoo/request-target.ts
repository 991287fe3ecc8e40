/** What a request asks for, as Odoo's routes and the guard before them see it. */
export interface RequestTarget {
  readonly path: string
  readonly query: URLSearchParams
}

/** Odoo's HTTP port (werkzeug) speaks 1.0, its evented port (gevent) 1.1. */
export type PortVersion = '1.0' | '1.1'

/** Of a request's first line, by the rules of the server that reads it: no dots are resolved, no case is changed. */
export function parseTarget(target: string, version: PortVersion): RequestTarget {
  const pattern = version === '1.0' ? werkzeugTarget : geventTarget
  const { path = '', query = '' } = pattern.exec(target)?.groups ?? {}
  // For the routes the slashes at the front are one, however many there are and however they are written.
  return { path: `/${decode(path).replace(/^\/+/, '')}`, query: new URLSearchParams(query) }
}

/** An absolute URL is its path here, and a fragment is nothing. */
const werkzeugTarget = /^(?:[a-z][a-z0-9+.-]*:\/\/[^/?#]*)?(?<path>[^?#]*)(?:\?(?<query>[^#]*))?/i
const geventTarget = /^(?<path>[^?]*)(?:\?(?<query>.*))?/s

/** By bytes: what is no escape stays as it is, and what is no UTF-8 becomes U+FFFD. */
function decode(path: string): string {
  const bytes = path.replace(/%([0-9a-f]{2})/gi, (_, hex) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return Buffer.from(bytes, 'latin1').toString('utf8')
}
