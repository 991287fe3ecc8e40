import type { Backend } from '../route-source.ts'
import type { Sight } from './waker.ts'

/**
 * Which of an environment's backends may be asked. A process that has refused because it is sealed is never asked
 * again; one whose address answered us is ready, whatever the store still says.
 */
export interface Backends {
  note(sight: Sight): void
  /** Those that may be asked, one after the other in turn. */
  next(): Backend | undefined
  /** Any of those, without taking a turn. */
  readonly first: Backend | undefined
  /** They have an address and were not found ready yet. */
  readonly starting: readonly Backend[]
  /** No address is known, not even of one on its way out. */
  readonly isEmpty: boolean
  sealed(backend: Backend): void
  proven(backend: Backend): void
}

/** Tenant code could answer as a sealed server does; a process that lives on after this was not being stopped. */
const sealedForMs = 60_000

export function createBackends(now: () => number): Backends {
  const sealedAt = new Map<string, number>()
  const provenReady = new Set<string>()
  let sight: Pick<Sight, 'ready' | 'starting' | 'leaving'> = { ready: [], starting: [], leaving: 0 }
  let usable: readonly Backend[] = []
  let turn = -1

  function choose() {
    const isSealed = (backend: Backend) => {
      const since = sealedAt.get(processOf(backend))
      return since !== undefined && now() < since + sealedForMs
    }
    const known = sight.starting.filter((backend) => provenReady.has(processOf(backend)))
    usable = [...sight.ready, ...known].filter((backend) => !isSealed(backend))
  }

  return {
    note(next) {
      sight = next
      const living = new Set([...next.ready, ...next.starting].map(processOf))
      for (const process of sealedAt.keys()) if (!living.has(process)) sealedAt.delete(process)
      for (const process of provenReady) if (!living.has(process)) provenReady.delete(process)
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
      return sight.starting.filter((backend) => !provenReady.has(processOf(backend)))
    },
    get isEmpty() {
      return sight.ready.length + sight.starting.length + sight.leaving === 0
    },
    sealed(backend) {
      sealedAt.set(processOf(backend), now())
      choose()
    },
    proven(backend) {
      provenReady.add(processOf(backend))
      choose()
    },
  }
}

/** What tells a process from the one before it at the same address; the address itself where nobody says more. */
export function processOf({ process, address, httpPort }: Backend): string {
  return process ?? `${address}:${httpPort}`
}
