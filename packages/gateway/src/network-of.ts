import { parseAddress } from './address-ranges.ts'

/**
 * Whom an address counts as: whoever has one IPv6 address has all of its /64, so that is one client. In one spelling,
 * whatever that of `address`; text that is no address is the same client for all who send some.
 */
export function networkOf(address: string): string {
  const plain = parseAddress(address)
  if (plain === undefined) return 'unknown'
  if (!plain.includes(':')) return plain
  const [left = '', right = ''] = plain.split('::')
  const [head, tail] = [groupsOf(left), groupsOf(right)]
  // Without `::` all eight are there.
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0')
  const all = [...head, ...zeros, ...tail]
  return `${all.slice(0, 4).join(':')}::/64`
}

function groupsOf(part: string): string[] {
  return part === '' ? [] : part.split(':')
}
