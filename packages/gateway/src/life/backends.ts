import type { Clock } from '../clock.ts'
import type { Backend } from '../route-source.ts'
import type { Sight } from './waker.ts'

/**
 * Which of an environment's backends may be asked. One that has refused because it is sealed is asked no more: a seal
 * is for ever. But its container may start anew, under the same name; so it counts as one that starts until it says
 * that it is ready, which nobody sealed does. One whose address answered us is ready, whatever the store still says.
 */
export interface Backends {
  note(sight: Sight): void
  /** Those that may be asked, one after the other in turn. */
  next(): Backend | undefined
  /** Any of those, without taking a turn. */
  readonly first: Backend | undefined
  /** They have an address and were not found ready yet, or not since they refused. */
  readonly starting: readonly Backend[]
  /** No address is known, not even of one on its way out. */
  readonly isEmpty: boolean
  /** Whether it refuses although it has said that it is ready since it last did. */
  sealed(backend: Backend): boolean
  proven(backend: Backend): void
}

export interface BackendsOptions {
  readonly clock: Clock
  /** One may be asked again, which nobody has asked whether it is ready. */
  readonly onForgiven: () => void
}

/** Whether it is ready is asked while somebody waits; where nobody does, it is believed what others say of it, after this. */
const sealedForMs = 60_000

export function createBackends({ clock, onForgiven }: BackendsOptions): Backends {
  /** With what takes back that they are forgiven. */
  const sealed = new Map<string, () => void>()
  /** Said that they are ready after they had refused. */
  const reopened = new Set<string>()
  const provenReady = new Set<string>()
  let sight: Pick<Sight, 'ready' | 'starting' | 'leaving'> = { ready: [], starting: [], leaving: 0 }
  let usable: readonly Backend[] = []
  let turn = -1

  function choose() {
    const known = sight.starting.filter((backend) => provenReady.has(processOf(backend)))
    usable = [...sight.ready, ...known].filter((backend) => !sealed.has(processOf(backend)))
  }

  function unseal(process: string): boolean {
    sealed.get(process)?.()
    return sealed.delete(process)
  }

  function forgive(process: string) {
    sealed.delete(process)
    choose()
    onForgiven()
  }

  return {
    note(next) {
      sight = next
      const ready = new Set(next.ready.map(processOf))
      const living = new Set([...ready, ...next.starting.map(processOf)])
      for (const known of [provenReady, reopened]) {
        for (const process of known) if (!living.has(process)) known.delete(process)
      }
      // It ends, or starts anew: whoever is ready under this name later has no seal.
      for (const process of sealed.keys()) if (!ready.has(process)) unseal(process)
      choose()
    },
    next() {
      turn = (turn + 1) % Number.MAX_SAFE_INTEGER
      return usable[turn % usable.length]
    },
    get first() {
      return usable[0]
    },
    get starting() {
      return [...sight.ready, ...sight.starting].filter((backend) => !usable.includes(backend))
    },
    get isEmpty() {
      return sight.ready.length + sight.starting.length + sight.leaving === 0
    },
    sealed(backend) {
      const process = processOf(backend)
      if (!sealed.has(process)) {
        sealed.set(
          process,
          clock.after(sealedForMs, () => forgive(process)),
        )
      }
      provenReady.delete(process)
      choose()
      return reopened.has(process)
    },
    proven(backend) {
      const process = processOf(backend)
      if (unseal(process)) reopened.add(process)
      provenReady.add(process)
      choose()
    },
  }
}

/** What tells a process from the one before it at the same address; the address itself where nobody says more. */
export function processOf({ process, address, httpPort }: Backend): string {
  return process ?? `${address}:${httpPort}`
}
