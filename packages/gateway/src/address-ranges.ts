import { BlockList, isIP } from 'node:net'

/** A set of addresses and ranges of them. */
export interface AddressRanges {
  /** `address` in any spelling; IPv4 within IPv6 counts as IPv4. Text that is no address is in no range. */
  has(address: string): boolean
}

/** Reads addresses and CIDR ranges, of both families. Throws with every entry that is none. */
export function parseAddressRanges(entries: readonly string[]): AddressRanges {
  const list = new BlockList()
  const wrong = entries.filter((entry) => !addTo(list, entry.trim()))
  if (wrong.length > 0) {
    throw new Error(`cannot read address ranges: ${wrong.map((entry) => `“${entry}”`).join(', ')}`)
  }
  return {
    has(address) {
      const plain = parseAddress(address)
      return plain !== undefined && list.check(plain, familyOf(plain))
    },
  }
}

/**
 * One address in its one spelling: without port, brackets and zone, IPv4 within IPv6 as IPv4, IPv6 in lower case.
 * Undefined for anything else, such as names, `unknown` and obfuscated ones (RFC 7239 6.3).
 */
export function parseAddress(text: string): string | undefined {
  const trimmed = text.trim()
  if (trimmed.length > addressLengthMax) return undefined
  const bare = trimmed
    .replace(/^\[([^\]]*)\](:\d{1,5})?$/, '$1')
    .replace(/^(\d+\.\d+\.\d+\.\d+):\d{1,5}$/, '$1')
    .replace(/%[\w.-]+$/, '')
  if (isIP(bare) === 0) return undefined
  return isIP(bare) === 4 ? bare : shortest(bare)
}

/** The longest address with zone, brackets and port. */
const addressLengthMax = 80

/** By the URL parser of Node, which writes IPv6 as RFC 5952 asks. */
function shortest(address: string): string {
  const written = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(written)
  if (mapped === null) return written
  const bits = [mapped[1], mapped[2]].map((part) => Number.parseInt(part ?? '', 16))
  return bits.flatMap((part) => [part >> 8, part & 0xff]).join('.')
}

function addTo(list: BlockList, entry: string): boolean {
  const [address = '', prefix, rest] = entry.split('/')
  const plain = parseAddress(address)
  if (plain === undefined || rest !== undefined) return false
  const family = familyOf(plain)
  if (prefix === undefined) list.addAddress(plain, family)
  else if (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 'ipv4' ? 32 : 128)) {
    list.addSubnet(plain, Number(prefix), family)
  } else return false
  return true
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 4 ? 'ipv4' : 'ipv6'
}
