import { createKinds, parseDomains } from '@pulse/api'
import { createPostgresObjects, type Objects } from '@pulse/engine'
import { systemClock } from '@pulse/gateway'
import { createTestDatabase, type TestDatabase } from '@pulse/testing'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { silent } from '../silent-log.suite.ts'
import { type ElectionTimes, standForElection } from './election.ts'
import { leaseKind, readLease } from './lease.ts'
import { severable } from './lease-store.suite.ts'
import type { Term } from './terms.ts'

const lease = { namespace: 'pulse-system', name: 'pulse-schedules' }
/** Short ones, in the proportions of the real ones. */
const times: ElectionTimes = { leaseMs: 3_000, renewDeadlineMs: 2_000, retryMs: 400 }
const patience = { timeout: 45_000, interval: 20 }

let database: TestDatabase
const stores: Objects[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  await (await openStore()).create(
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: lease.namespace } },
    { fieldManager: 'test' },
  )
})
afterAll(async () => {
  await Promise.all(stores.map((store) => store.close()))
  await database.drop()
})

/** A gateway's own connections. */
async function openStore(): Promise<Objects> {
  const { findKind } = await createKinds({
    domains: parseDomains({ tenant: 'localhost', dev: 'localhost' }),
  })
  const { connection } = database
  const store = await createPostgresObjects({ connection, kinds: findKind, log: silent })
  stores.push(store)
  return store
}

async function stand(name: string) {
  const { objects, cutOff } = severable(await openStore())
  const terms: Term[] = []
  const election = standForElection({
    objects,
    ...{ lease, name, times, random: Math.random, log: silent },
    clock: systemClock,
    lead: (term) => void terms.push(term),
  })
  return {
    name,
    ...election,
    isHolder: () => terms.at(-1)?.signal.aborted === false,
    /** As if it were killed: nothing of it is released. */
    cutOff,
  }
}

test('on a real store one of three holds it; who is lost or leaves is followed by one of the others', async () => {
  const candidates = await Promise.all(['g1', 'g2', 'g3'].map(stand))
  const crowd: number[] = []
  const watching = setInterval(
    () => crowd.push(candidates.filter((one) => one.isHolder()).length),
    5,
  )
  try {
    const holder = () =>
      vi.waitFor(() => {
        const found = candidates.find((one) => one.isHolder())
        if (found === undefined) throw new Error('nobody holds it')
        return found
      }, patience)

    const first = await holder()
    first.cutOff()
    await vi.waitFor(() => expect(first.isHolder()).toBe(false), patience)
    const second = await holder()
    expect(second.name).not.toBe(first.name)
    await second.close()
    const third = await holder()
    expect([first.name, second.name]).not.toContain(third.name)
    const standing = await stores[0]?.get({ ...leaseKind, ...lease })
    expect(standing && readLease(standing)).toMatchObject({ holder: third.name, transitions: 2 })
    expect(Math.max(...crowd)).toBe(1)
  } finally {
    clearInterval(watching)
    await Promise.all(candidates.map((one) => one.close()))
  }
})
