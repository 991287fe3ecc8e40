import type { Objects } from '@pulse/engine'
import { silent } from '../silent-log.suite.ts'
import { type Election, standForElection } from './election.ts'
import { type LeaseRecord, leaseKind, readLease } from './lease.ts'
import { openLeaseStore, severable } from './lease-store.suite.ts'
import type { Term } from './terms.ts'

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
  const objects = await openLeaseStore(namespace)
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
    const store = severable(objects)
    const election = standForElection({
      objects: store.objects,
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
      cutOff: store.cutOff,
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
