import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'

const lowest = 64
const highest = 250

/** The loopback addresses of one state directory: `127.A.0.0/16`, so that two installations never meet. */
export interface Loopback {
  /** `127.A`. */
  readonly prefix: string
  /** `127.A.0.0/16`. */
  readonly network: string
}

export function loopbackOf(octet: number): Loopback {
  const prefix = `127.${octet}`
  return { prefix, network: `${prefix}.0.0/16` }
}

/** The octets to try, beginning where the state directory's path points: the same one nearly always gets the same. */
export function octetsFor(stateDir: string): number[] {
  const count = highest - lowest + 1
  const first = createHash('sha256').update(stateDir).digest().readUInt32BE(0) % count
  return Array.from({ length: count }, (_, index) => lowest + ((first + index) % count))
}

/**
 * Chooses a range for a new state directory. `isTaken` says whether another installation uses it; by default a range
 * is taken when anything listens in it: PostgreSQL, on whatever port it found, or a tenant that was left running.
 */
export async function chooseLoopback(
  stateDir: string,
  isTaken: (loopback: Loopback) => Promise<boolean> = isListenedOn,
): Promise<Loopback> {
  for (const octet of octetsFor(stateDir)) {
    const loopback = loopbackOf(octet)
    if (!(await isTaken(loopback)) && (await canBind(`${loopback.prefix}.1.1`))) return loopback
  }
  throw new Error('no free loopback range: 127.64.0.0 to 127.250.0.0 are all in use')
}

async function isListenedOn(loopback: Loopback): Promise<boolean> {
  return hasListener(readFileSync('/proc/net/tcp', 'utf8'), loopback)
}

/** Whether the kernel's table of IPv4 sockets has a listener in the range: state 0A, the address's bytes reversed. */
export function hasListener(table: string, { prefix }: Loopback): boolean {
  const ending = prefix
    .split('.')
    .toReversed()
    .map((octet) => Number(octet).toString(16).padStart(2, '0').toUpperCase())
    .join('')
  const pattern = new RegExp(`^ *[0-9]+: [0-9A-F]{4}${ending}:[0-9A-F]{4} [0-9A-F:]+ 0A `, 'm')
  return pattern.test(table)
}

/** The `index`th address for pods, 127.A.1.1 onwards; never a network's first or last, nor those of Pulse itself. */
export function podAddress({ prefix }: Loopback, index: number): string {
  return `${prefix}.${1 + Math.floor(index / 254)}.${1 + (index % 254)}`
}

/** How many addresses a range has for pods. */
export const podAddressCount = 254 * 254

/** Whether this machine lets us listen there (port 0: on any port). */
export function canBind(address: string, port = 0): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const server = createServer()
  server.once('error', () => resolve(false))
  server.listen({ host: address, port, exclusive: true }, () => server.close(() => resolve(true)))
  return promise
}
