import { randomUUID } from 'node:crypto'
import { createKinds, type Log, parseDomains } from '@pulse/api'
import { createMemoryObjects, type Objects } from '@pulse/engine'
import { type Election, standForElection } from './election.ts'
import { type LeaseRecord, leaseKind, readLease } from './lease.ts'
import type { Term } from './terms.ts'

export const silent: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silent,
}

export const namespace = 'pulse-system'
export const leaseName = 'what-is-done-once'

/** One of those who stand for the lease. */
export interface TestCandidate extends Election {
  /** Its terms so far, the newest last. */
  readonly terms: readonly Term[]
  /** Whether it would act now, as it sees it. */
  mayAct(): boolean
  /** SIGSTOP: nothing runs, time goes on. */
  pause(): void
  resume(): void
  /** SIGKILL. */
  kill(): void
  /** What it asks of the store is refused from now on. */
  cutOff(): void
}

export interface ElectionWorld {
  readonly objects: Objects
  stand(name: string): TestCandidate
  lease(): Promise<LeaseRecord | undefined>
  /** Time passes, timer by timer. */
  pass(milliseconds: number): Promise<void>
  /** Who would act now. */
  acting(): readonly string[]
}

interface Timer {
  readonly at: number
  readonly owner: string
  readonly run: () => void
}

/** Candidates on one store, in a time that the tests move. */
export async function createElectionWorld(): Promise<ElectionWorld> {
  const objects = await openStore()
  const paused = new Set<string>()
  const candidates = new Map<string, TestCandidate>()
  let timers: readonly Timer[] = []
  let now = 0

  const clockOf = (owner: string) => ({
    now: () => now,
    after(milliseconds: number, run: () => void) {
      const timer = { at: now + milliseconds, owner, run }
      timers = [...timers, timer]
      return () => {
        timers = timers.filter((other) => other !== timer)
      }
    },
  })

  /** The first that can run; what a paused one has missed comes when it goes on. */
  const nextTimer = (until: number) =>
    timers
      .filter(({ at, owner }) => at <= until && !paused.has(owner))
      .toSorted((one, other) => one.at - other.at)[0]

  function stand(name: string): TestCandidate {
    const terms: Term[] = []
    let isCutOff = false
    const reached = async <T>(ask: () => Promise<T>): Promise<T> => {
      if (isCutOff) throw new Error('the store is away')
      return await ask()
    }
    const election = standForElection({
      objects: {
        get: (ref) => reached(() => objects.get(ref)),
        create: (object, options) => reached(() => objects.create(object, options)),
        update: (object, options) => reached(() => objects.update(object, options)),
      },
      lease: { namespace, name: leaseName },
      name,
      clock: clockOf(name),
      random: () => 0.5,
      log: silent,
      lead: (term) => void terms.push(term),
    })
    const candidate = {
      ...election,
      terms,
      mayAct: () => !paused.has(name) && doesPass(terms.at(-1)),
      pause: () => void paused.add(name),
      resume: () => void paused.delete(name),
      kill() {
        timers = timers.filter(({ owner }) => owner !== name)
        paused.add(name)
      },
      cutOff() {
        isCutOff = true
      },
    }
    candidates.set(name, candidate)
    return candidate
  }

  return {
    objects,
    stand,
    async lease() {
      const object = await objects.get({ ...leaseKind, namespace, name: leaseName })
      return object && readLease(object)
    },
    async pass(milliseconds) {
      const end = now + milliseconds
      await settled()
      for (let timer = nextTimer(end); timer !== undefined; timer = nextTimer(end)) {
        const due = timer
        timers = timers.filter((other) => other !== due)
        now = Math.max(now, due.at)
        due.run()
        await settled()
      }
      now = end
    },
    acting: () => [...candidates].filter(([, one]) => one.mayAct()).map(([name]) => name),
  }
}

async function openStore(): Promise<Objects> {
  const { findKind } = await createKinds({
    domains: parseDomains({ tenant: 'localhost', dev: 'localhost' }),
  })
  const objects = createMemoryObjects({
    kinds: findKind,
    now: () => new Date(),
    newUid: randomUUID,
  })
  await objects.create(
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    { fieldManager: 'test' },
  )
  return objects
}

function doesPass(term: Term | undefined): boolean {
  try {
    term?.check()
    return term !== undefined
  } catch {
    return false
  }
}

/** Everything that was promised and needs no timer is done. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
