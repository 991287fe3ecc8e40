import { parseAddressRanges } from '../address-ranges.ts'
import { networkOf } from '../network-of.ts'

export interface ConnectionLimits {
  readonly connectionsMax: number
  readonly connectionsPerAddressMax: number
  /** Addresses and ranges that stand for many clients, such as those of proxies: only the bound in all is theirs. */
  readonly sharedAddresses: readonly string[]
}

/** How many connections are open, in all and from each client address. */
export interface ConnectionBounds {
  /** Takes a place; undefined when there is none. What it returns gives the place back, once. */
  admit(remoteAddress: string | undefined): (() => void) | undefined
}

export function createConnectionBounds(limits: ConnectionLimits): ConnectionBounds {
  const shared = parseAddressRanges(limits.sharedAddresses)
  const counts = new Map<string, number>()
  let open = 0

  function add(client: string, change: 1 | -1) {
    open += change
    const count = (counts.get(client) ?? 0) + change
    if (count === 0) counts.delete(client)
    else counts.set(client, count)
  }

  return {
    admit(remoteAddress = '') {
      if (open >= limits.connectionsMax) return undefined
      const client = networkOf(remoteAddress)
      const isFull = (counts.get(client) ?? 0) >= limits.connectionsPerAddressMax
      if (isFull && !shared.has(remoteAddress)) return undefined
      add(client, 1)
      return () => add(client, -1)
    },
  }
}
