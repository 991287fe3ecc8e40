/** A host as sent by a client, split and normalised. */
export interface Host {
  /** Lower-case, without trailing dot. */
  readonly name: string
  /** With its colon, or empty. */
  readonly port: string
}

const hostPattern =
  /^((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)\.?(:\d{1,5})?$/

/** Hosts read lately: a machine serves a few thousand, each request names one, twice. */
const known = new Map<string, Host>()
const knownMax = 10_000
const knownLengthMax = 128

/** Reads a Host header (RFC 9110 7.2). Addresses, user parts and foreign characters are no host of ours: undefined. */
export function parseHost(header: string | undefined): Host | undefined {
  if (header === undefined || header.length > knownLengthMax) return readHost(header)
  const found = known.get(header)
  if (found !== undefined) return found
  const host = readHost(header)
  if (host === undefined) return undefined
  if (known.size >= knownMax) known.clear()
  known.set(header, host)
  return host
}

function readHost(header: string | undefined): Host | undefined {
  const match = hostPattern.exec((header ?? '').toLowerCase())
  const name = match?.[1]
  if (name === undefined || name.length > 253) return undefined
  return { name, port: match?.[2] ?? '' }
}
