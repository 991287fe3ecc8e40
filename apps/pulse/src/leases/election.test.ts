import { expect, test } from 'vitest'
import { defaultElectionTimes as times } from './election.ts'
import { createElectionWorld, leaseName, namespace } from './election-world.suite.ts'
import { leaseKind } from './lease.ts'

const second = 1000
/** Each asks again after a retry and a tenth. */
const retriesMs = 2 * 1.1 * times.retryMs

test('one of three holds the lease, and goes on holding it', async () => {
  const { stand, pass, acting, lease } = await createElectionWorld()
  const candidates = ['g1', 'g2', 'g3'].map(stand)
  await pass(0)
  const [holder] = acting()
  for (let minute = 0; minute < 10; minute += 1) {
    await pass(60 * second)
    expect(acting()).toEqual([holder])
  }
  expect(candidates.flatMap(({ terms }) => terms)).toHaveLength(1)
  expect(await lease()).toMatchObject({ holder, durationMs: 15_000, transitions: 0 })
})

test('when the holder dies another one takes its place within the lease’s duration, and not before', async () => {
  const { stand, pass, acting, lease } = await createElectionWorld()
  const first = stand('g1')
  await pass(0)
  stand('g2')
  stand('g3')
  await pass(10 * second)
  first.kill()
  await pass(times.leaseMs - 1.1 * times.retryMs)
  expect(acting()).toEqual([])
  await pass(retriesMs + 1.1 * times.retryMs)
  expect(acting()).toHaveLength(1)
  expect(acting()).not.toContain('g1')
  expect(await lease()).toMatchObject({ transitions: 1 })
})

test('one that stood still and goes on sees that it holds it no more before it acts, and before any timer', async () => {
  const { stand, pass, acting } = await createElectionWorld()
  const first = stand('g1')
  await pass(0)
  stand('g2')
  await pass(10 * second)
  first.pause()
  await pass(times.leaseMs + retriesMs)
  expect(acting()).toEqual(['g2'])
  first.resume()
  const [term] = first.terms
  expect(term?.signal.aborted).toBe(false)
  expect(() => term?.check()).toThrow('not renewed in time')
  expect(term?.signal.aborted).toBe(true)
  await pass(60 * second)
  expect(acting()).toEqual(['g2'])
})

test('one that cannot reach the store stops before another begins', async () => {
  const { stand, pass, acting } = await createElectionWorld()
  const first = stand('g1')
  await pass(0)
  stand('g2')
  await pass(10 * second)
  first.cutOff()
  const crowd: (readonly string[])[] = []
  for (let passed = 0; passed < 30 * second; passed += 100) {
    await pass(100)
    crowd.push(acting())
  }
  expect(first.terms.map(({ signal }) => signal.aborted)).toEqual([true])
  expect(crowd.every((one) => one.length < 2)).toBe(true)
  expect(crowd.at(-1)).toEqual(['g2'])
})

test('one that closes ends its term at once, and leaves the lease to the next who looks', async () => {
  const { stand, pass, acting, lease } = await createElectionWorld()
  const first = stand('g1')
  await pass(0)
  stand('g2')
  await pass(10 * second)
  const closed = first.close()
  expect(first.terms[0]?.signal.aborted).toBe(true)
  await closed
  expect(await lease()).toMatchObject({ holder: undefined })
  await pass(1.1 * times.retryMs)
  expect(acting()).toEqual(['g2'])
})

test('one that waits and closes leaves the lease to its holder', async () => {
  const { stand, pass, acting, lease } = await createElectionWorld()
  stand('g1')
  await pass(0)
  const second = stand('g2')
  await pass(0)
  await second.close()
  expect(await lease()).toMatchObject({ holder: 'g1' })
  expect(acting()).toEqual(['g1'])
})

test('a foreign lease is believed whatever its own times say', async () => {
  const { objects, stand, pass, acting } = await createElectionWorld()
  const spec = {
    holderIdentity: 'elsewhere',
    leaseDurationSeconds: 15,
    renewTime: '2001-01-01T00:00:00.000000Z',
  }
  await objects.create(
    { ...leaseKind, metadata: { namespace, name: leaseName }, spec },
    { fieldManager: 'test' },
  )
  stand('g1')
  await pass(times.leaseMs - 1)
  expect(acting()).toEqual([])
  await pass(retriesMs)
  expect(acting()).toEqual(['g1'])
})

test('a label that somebody puts on the lease ends no term', async () => {
  const { objects, stand, pass, acting } = await createElectionWorld()
  const first = stand('g1')
  await pass(0)
  const ref = { ...leaseKind, namespace, name: leaseName }
  const patch = { metadata: { labels: { mine: 'yes' } } }
  await objects.patch(ref, { type: 'merge', patch }, { fieldManager: 'test' })
  await pass(60 * second)
  expect(acting()).toEqual(['g1'])
  expect(first.terms).toHaveLength(1)
})

test('a lease that somebody deletes is made anew', async () => {
  const { objects, stand, pass, acting, lease } = await createElectionWorld()
  stand('g1')
  await pass(0)
  await objects.delete({ ...leaseKind, namespace, name: leaseName })
  await pass(3 * 1.1 * times.retryMs)
  expect(acting()).toEqual(['g1'])
  expect(await lease()).toMatchObject({ holder: 'g1' })
})

test('who writes another’s name into the lease ends the term', async () => {
  const { objects, stand, pass, acting } = await createElectionWorld()
  const first = stand('g1')
  await pass(0)
  const ref = { ...leaseKind, namespace, name: leaseName }
  const patch = { spec: { holderIdentity: 'g2', renewTime: '2026-01-01T00:00:00.000000Z' } }
  await objects.patch(ref, { type: 'merge', patch }, { fieldManager: 'test' })
  await pass(1.1 * times.retryMs)
  expect(acting()).toEqual([])
  expect(first.terms[0]?.signal.aborted).toBe(true)
  await pass(times.leaseMs + retriesMs)
  expect(acting()).toEqual(['g1'])
  expect(first.terms).toHaveLength(2)
})
