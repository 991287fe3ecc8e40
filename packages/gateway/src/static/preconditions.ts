import type { IncomingHttpHeaders } from 'node:http'

/** What identifies the version of a file. */
export interface Version {
  /** With its quotes. */
  readonly etag: string | undefined
  readonly lastModifiedMs: number | undefined
}

/** Whether the client has this version already (RFC 9110 13.1): 304. */
export function isNotModified(headers: IncomingHttpHeaders, { etag, lastModifiedMs }: Version) {
  const known = headers['if-none-match']
  if (known !== undefined) return etag !== undefined && namesTag(known, etag)
  const since = Date.parse(headers['if-modified-since'] ?? '')
  return lastModifiedMs !== undefined && Math.floor(lastModifiedMs / 1_000) * 1_000 <= since
}

/** Bytes of a file, both ends included. */
export interface ByteRange {
  readonly first: number
  readonly last: number
}

/**
 * The one range that is asked for (RFC 9110 14); undefined for the whole, which is also the right answer to several, to
 * another version, and to what cannot be read.
 */
export function rangeOf(
  headers: IncomingHttpHeaders,
  size: number,
  version: Version,
): ByteRange | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(headers.range?.trim() ?? '')
  const [, from = '', to = ''] = match ?? []
  if (match === null || (from === '' && to === '')) return undefined
  if (!isSameVersion(headers['if-range'], version)) return undefined
  if (from === '') {
    const length = Math.min(Number(to), size)
    return length === 0 ? 'unsatisfiable' : { first: size - length, last: size - 1 }
  }
  const first = Number(from)
  const last = to === '' ? size - 1 : Math.min(Number(to), size - 1)
  if (to !== '' && Number(to) < first) return undefined
  return first >= size ? 'unsatisfiable' : { first, last }
}

function isSameVersion(ifRange: string | string[] | undefined, { etag, lastModifiedMs }: Version) {
  if (ifRange === undefined) return true
  if (typeof ifRange !== 'string') return false
  if (ifRange.startsWith('"')) return ifRange === etag
  return (
    lastModifiedMs !== undefined &&
    Date.parse(ifRange) === Math.floor(lastModifiedMs / 1_000) * 1_000
  )
}

function namesTag(list: string, etag: string): boolean {
  return list.split(',').some((entry) => {
    const tag = entry.trim().replace(/^W\//, '')
    return tag === '*' || tag === etag.replace(/^W\//, '')
  })
}
