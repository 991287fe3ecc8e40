import { type AddressRanges, parseAddressRanges } from '../address-ranges.ts'

/** Monitors that the operator has declared. */
export interface Monitors {
  has(userAgent: string, clientAddress: string | undefined): boolean
}

/** Shorter ones would be found in any browser's User-Agent. */
const substringLengthMin = 4

/**
 * Reads the operator's list: each entry is an address, a range of addresses (CIDR), or a part of the User-Agent, which
 * is compared without case. Throws with every entry that is none of them.
 */
export function parseMonitors(entries: readonly string[]): Monitors {
  const plain = entries.map((entry) => entry.trim()).filter((entry) => entry !== '')
  const ranges = plain.filter(looksLikeAddress)
  const substrings = plain.filter((entry) => !looksLikeAddress(entry))
  const wrong = substrings.filter((part) => part.length < substringLengthMin)
  if (wrong.length > 0) {
    const list = wrong.map((part) => `“${part}”`).join(', ')
    throw new Error(
      `cannot read monitors: ${list}: a part of a User-Agent has at least ${substringLengthMin} characters`,
    )
  }
  return createMonitors(parseAddressRanges(ranges), substrings)
}

function createMonitors(ranges: AddressRanges, substrings: readonly string[]): Monitors {
  const lower = substrings.map((part) => part.toLowerCase())
  return {
    has(userAgent, clientAddress) {
      if (clientAddress !== undefined && ranges.has(clientAddress)) return true
      if (lower.length === 0) return false
      const text = userAgent.toLowerCase()
      return lower.some((part) => text.includes(part))
    },
  }
}

function looksLikeAddress(entry: string): boolean {
  return /^[\d.]+(\/\d+)?$/.test(entry) || /^[\da-f:.]*:[\da-f:.]*(\/\d+)?$/i.test(entry)
}
