import type { IncomingHttpHeaders } from 'node:http'
import type { KeptKind } from './kept-kinds.ts'

/** Kinds that are taken from answers; `static` comes from files. */
export type KeepableKind = Exclude<KeptKind, 'static'>

/** The head of an answer on its way to a client. */
export interface ResponseHead {
  readonly status: number
  readonly headers: IncomingHttpHeaders
}

/** Whether an answer is the same for everybody who asks for its URL. */
export function mayKeep(
  kind: KeepableKind,
  requestHeaders: IncomingHttpHeaders,
  { status, headers }: ResponseHead,
): boolean {
  if (headers['content-range'] !== undefined) return false
  if (!/^(\s*accept-encoding\s*(,|$))*$/i.test(headers.vary ?? '')) return false
  const cacheControl = directivesOf(headers['cache-control'])
  if (['private', 'no-store'].some((name) => cacheControl.has(name))) return false
  if (kind === 'copy' || kind === 'logo') {
    // Nothing says that it is public, so it has to be what a stranger gets: such as our own question for it.
    const isStranger =
      requestHeaders.cookie === undefined && requestHeaders.authorization === undefined
    return isStranger && (status === 200 || (kind === 'copy' && status === 301))
  }
  // Who may read it from another site is decided for each asker.
  if (headers['access-control-allow-origin'] !== undefined) return false
  if (!setsSessionOnly(headers['set-cookie']) || cacheControl.has('no-cache')) return false
  return status === 200 && cacheControl.has('public') && isLasting(cacheControl)
}

/**
 * Odoo opens a session for whoever comes without one, whatever is asked for. It goes to that client and into no copy;
 * any other cookie means that the answer knows its reader.
 */
function setsSessionOnly(cookies: readonly string[] | undefined): boolean {
  return (cookies ?? []).every((cookie) => cookie.startsWith('session_id='))
}

function isLasting(cacheControl: ReadonlyMap<string, string>): boolean {
  return cacheControl.has('immutable') || Number(cacheControl.get('max-age')) >= lastingSeconds
}

const lastingSeconds = 30 * 86_400

/** By name in lower case; those without a value have an empty one. */
function directivesOf(value: string | undefined): ReadonlyMap<string, string> {
  const parts = (value ?? '').split(',').map((part) => part.trim().toLowerCase())
  return new Map(parts.map((part) => [part.split('=', 1)[0] ?? '', part.split('=')[1] ?? '']))
}

/** What goes with a kept body; anything else belongs to the one answer that it stood in. */
const keptHeaders = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-security-policy',
  'content-type',
  'etag',
  'last-modified',
  'location',
  'vary',
  'x-content-type-options',
]

/** Those headers of an answer that go with its body. */
export function keptHeadersOf(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  return Object.fromEntries(
    keptHeaders.flatMap((name) => {
      const value = headers[name]
      return typeof value === 'string' ? [[name, value]] : []
    }),
  )
}
