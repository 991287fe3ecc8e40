import type { IncomingHttpHeaders } from 'node:http'
import { type AddressRanges, parseAddress, parseAddressRanges } from './address-ranges.ts'

/** Who asks, as far as we can know it. */
export interface Client {
  /** In its one spelling. */
  readonly address: string
  /** Of the URL that the client sees. */
  readonly scheme: 'http' | 'https'
  /** The Host that the client sent; a proxy may have sent us another one. */
  readonly host: string | undefined
}

/** The peer that opened the connection: the client itself, or a proxy before us. */
export interface Connection {
  readonly remoteAddress: string | undefined
  readonly encrypted: boolean
}

/** Reads a request's client. */
export type ClientReader = (headers: IncomingHttpHeaders, connection: Connection) => Client

/** An address that is in no range and the same for all who have none. */
const nobody = 'unknown'

/**
 * Makes the reader for the operator's list of trusted proxies, addresses and ranges; throws for one that cannot be read.
 *
 * `X-Forwarded-*` counts only from a trusted peer. Each proxy appends to `X-Forwarded-For` the address it was asked
 * from, so that is read from the right: the client is the first that is no proxy of ours, and what stands left of it is
 * its own invention. `-Proto` and `-Host` are those of the proxy that the client reached.
 */
export function createClientReader(trustedProxies: readonly string[]): ClientReader {
  const trusted = parseAddressRanges(trustedProxies)
  return (headers, { remoteAddress, encrypted }) => {
    const peer = parseAddress(remoteAddress ?? '') ?? nobody
    const own: Client = {
      address: peer,
      scheme: encrypted ? 'https' : 'http',
      host: headers.host,
    }
    if (!trusted.has(peer)) return own
    const hops = listOf(headers['x-forwarded-for'])
    const at = indexOfClient(hops, trusted)
    const proxies = hops.length - at
    return {
      address: parseAddress(hops[at] ?? '') ?? peer,
      scheme: schemeOf(saidBy(headers['x-forwarded-proto'], proxies)) ?? own.scheme,
      host: saidBy(headers['x-forwarded-host'], proxies) ?? own.host,
    }
  }
}

/** The rightmost that is no proxy of ours; the leftmost if all are, which is a proxy asking for itself. */
function indexOfClient(hops: readonly string[], trusted: AddressRanges): number {
  const at = hops.findLastIndex((hop) => !trusted.has(hop))
  // Garbage in the client's place: the proxy right of it is the last one whose word we have.
  if (at !== -1 && parseAddress(hops[at] ?? '') === undefined) return at + 1
  return Math.max(0, at)
}

/**
 * A proxy either replaces such a header or appends to it, once for each hop: so of a list, what the outermost of our
 * proxies said stands as far from the right as there are proxies.
 */
function saidBy(
  value: string | readonly string[] | undefined,
  proxies: number,
): string | undefined {
  const said = listOf(value)
  return said[Math.max(0, said.length - Math.max(1, proxies))]
}

function schemeOf(text: string | undefined): 'http' | 'https' | undefined {
  const lower = text?.toLowerCase()
  return lower === 'https' || lower === 'http' ? lower : undefined
}

/** More than any chain of proxies makes is not looked at: what stands left of it is the client's own anyway. */
const readCharactersMax = 4_096

function listOf(value: string | readonly string[] | undefined): string[] {
  const text = typeof value === 'string' ? value : (value?.join(',') ?? '')
  return text
    .slice(-readCharactersMax)
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}
