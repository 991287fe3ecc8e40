import { expect, onTestFinished, test } from 'vitest'
import { leaseKind } from '../leases/lease.ts'
import { openLeaseStore } from '../leases/lease-store.suite.ts'
import { silent } from '../silent-log.suite.ts'
import { createGatewayLeases, type GatewayLeases } from './gateway-leases.ts'

const namespace = 'pulse-system'

/** Time stands still; the tests move it, and nothing is renewed by itself. */
async function world() {
  const objects = await openLeaseStore(namespace)
  let now = 0
  const timers: (() => void)[] = []
  const clock = {
    now: () => now,
    after(_ms: number, run: () => void) {
      timers.push(run)
      return () => void timers.splice(timers.indexOf(run), 1)
    },
  }
  const join = async (name: string): Promise<GatewayLeases> => {
    const options = { objects, namespace, name, durationSeconds: 10, clock, log: silent }
    const leases = createGatewayLeases(options)
    await leases.open()
    onTestFinished(() => leases.close())
    return leases
  }
  /** What a watch would tell. */
  const tell = async (leases: GatewayLeases) => {
    const { items } = await objects.list({ ...leaseKind, namespace })
    for (const item of items) leases.note(item, false)
  }
  const pass = (milliseconds: number) => {
    now += milliseconds
  }
  return { objects, join, tell, pass }
}

test('gateways know of one another, and of their own', async () => {
  const { join, tell } = await world()
  const [one, other] = [await join('g1'), await join('g2')]
  await tell(one)
  await tell(other)
  expect(one.members()).toEqual(['g1', 'g2'])
  expect(other.members()).toEqual(['g2', 'g1'])
})

test('one that is silent counts until its time is over by our clock, whatever its own says', async () => {
  const { objects, join, tell, pass } = await world()
  const one = await join('g1')
  await join('g2')
  const ref = { ...leaseKind, namespace, name: 'g2' }
  const patch = { spec: { renewTime: '2001-01-01T00:00:00.000000Z' } }
  await objects.patch(ref, { type: 'merge', patch }, { fieldManager: 'test' })
  await tell(one)
  pass(9_000)
  await tell(one)
  expect(one.members()).toEqual(['g1', 'g2'])
  pass(1_001)
  expect(one.members()).toEqual(['g1'])
})

test('one that takes its leave is not waited for', async () => {
  const { objects, join, tell } = await world()
  const [one, other] = [await join('g1'), await join('g2')]
  await tell(one)
  await other.close()
  expect(await objects.get({ ...leaseKind, namespace, name: 'g2' })).toBeUndefined()
  one.note({ ...leaseKind, metadata: { namespace, name: 'g2' } }, true)
  expect(one.members()).toEqual(['g1'])
})

test('what is left of those that were killed is taken away', async () => {
  const { objects, join } = await world()
  const old = {
    ...leaseKind,
    metadata: { namespace, name: 'g0', labels: { 'app.kubernetes.io/name': 'gateway' } },
    spec: { holderIdentity: 'g0', renewTime: '2001-01-01T00:00:00.000000Z' },
  }
  const foreign = { ...old, metadata: { namespace, name: 'leader' } }
  for (const lease of [old, foreign]) await objects.create(lease, { fieldManager: 'test' })
  await join('g1')
  const { items } = await objects.list({ ...leaseKind, namespace })
  expect(items.map(({ metadata }) => metadata.name)).toEqual(['g1', 'leader'])
})

test('a renewal that the store never answers is not the last', async () => {
  const { objects } = await world()
  let renewals = 0
  const timers: (() => void)[] = []
  const leases = createGatewayLeases({
    objects: {
      ...objects,
      apply(...args) {
        renewals += 1
        return renewals === 1 ? objects.apply(...args) : new Promise<never>(() => {})
      },
    },
    ...{ namespace, name: 'g1', durationSeconds: 0.05, log: silent },
    clock: {
      now: () => 0,
      after(_ms, run) {
        timers.push(run)
        return () => {}
      },
    },
  })
  await leases.open()
  onTestFinished(() => leases.close())
  for (const count of [2, 3]) {
    timers.shift()?.()
    await expect.poll(() => timers.length).toBe(1)
    expect(renewals).toBe(count)
  }
})
