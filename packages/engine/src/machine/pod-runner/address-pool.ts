import { canBind, type Loopback, podAddress, podAddressCount } from '../loopback.ts'

/** Gives each pod an address of its own and takes long to give the same one again. */
export interface AddressPool {
  take(): Promise<string>
  /** An address that an adopted pod already has. */
  claim(address: string): void
  release(address: string): void
}

/** `first` is where to begin, any number: a Pulse that has just started must not repeat what the last one gave. */
export function createAddressPool(loopback: Loopback, first: number): AddressPool {
  const taken = new Set<string>()
  let next = first % podAddressCount

  async function take() {
    for (let tried = 0; tried < podAddressCount; tried += 1) {
      const address = podAddress(loopback, next)
      next = (next + 1) % podAddressCount
      if (taken.has(address)) continue
      taken.add(address)
      if (await canBind(address)) return address
      taken.delete(address)
    }
    throw new Error(`no free address in ${loopback.network}`)
  }

  return {
    take,
    claim: (address) => taken.add(address),
    release: (address) => taken.delete(address),
  }
}
