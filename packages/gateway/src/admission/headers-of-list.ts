import type { IncomingHttpHeaders } from 'node:http'

/** A flat list of headers by name in lower case; repeated ones joined, but cookies. */
export function headersOfList(list: readonly string[]): IncomingHttpHeaders {
  const joined = new Map<string, string>()
  const cookies: string[] = []
  for (let at = 0; at + 1 < list.length; at += 2) {
    const name = (list[at] ?? '').toLowerCase()
    const value = list[at + 1] ?? ''
    const before = joined.get(name)
    if (name === 'set-cookie') cookies.push(value)
    else joined.set(name, before === undefined ? value : `${before}, ${value}`)
  }
  return { ...Object.fromEntries(joined), ...(cookies.length > 0 && { 'set-cookie': cookies }) }
}
