import { randomUUID } from 'node:crypto'
import type { KubeObject, OwnerReference } from '@pulse/api'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runGarbageCollector } from './garbage-collector.ts'
import type { Store } from './objects.ts'
import { silent } from './silent-log.suite.ts'
import { manager, mustGet, note, widget, widgetRef } from './store/conformance/harness.ts'
import { testDefinitions, testKinds } from './store/conformance/kinds.ts'
import { createMemoryObjects } from './store/memory.ts'

let objects: Store
let stop: AbortController

beforeEach(() => {
  objects = createMemoryObjects({ kinds: testKinds, now: () => new Date(), newUid: randomUUID })
  stop = new AbortController()
})
afterEach(async () => {
  stop.abort()
  await objects.close()
})

const collect = () =>
  runGarbageCollector({ objects, kinds: testDefinitions, log: silent, signal: stop.signal })

/** Waits for the state, however long the collector takes; the test's own time limit ends a wait in vain. */
async function until(isReached: () => Promise<boolean>): Promise<void> {
  while (!(await isReached())) await new Promise((resolve) => setImmediate(resolve))
}

const exists = async (name: string) => (await objects.get(widgetRef(name))) !== undefined
const isGone = (name: string) => until(async () => !(await exists(name)))

function ownedBy(owner: KubeObject, options: Partial<OwnerReference> = {}): OwnerReference {
  const { apiVersion, kind, metadata } = owner
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '', ...options }
}

/** A round trip through the collector: when this one is gone, what came before it was looked at. */
async function lookedAtEverything(): Promise<void> {
  const name = `canary-${randomUUID()}`
  const owner = { apiVersion: 'test.pulse/v1', kind: 'Note', name: 'never-was', uid: 'x' }
  await objects.create(widget(name, {}, { ownerReferences: [owner] }), manager)
  await isGone(name)
}

const child = (name: string, ...ownerReferences: OwnerReference[]) =>
  objects.create(widget(name, {}, { ownerReferences }), manager)

test('dependents of a deleted owner go, and theirs', async () => {
  await collect()
  const owner = await objects.create(widget('owner'), manager)
  const middle = await child('middle', ownedBy(owner))
  await child('leaf', ownedBy(middle))
  await lookedAtEverything()
  expect(await exists('leaf')).toBe(true)
  await objects.delete(widgetRef('owner'))
  await isGone('middle')
  await isGone('leaf')
})

test('what was left over before the start is collected, nothing else', async () => {
  const owner = await objects.create(widget('owner'), manager)
  await child('kept', ownedBy(owner))
  await child('orphan', ownedBy(owner, { name: 'another', uid: randomUUID() }))
  await collect()
  await isGone('orphan')
  await lookedAtEverything()
  expect(await exists('kept')).toBe(true)
})

test('an owner of the same name with another uid is not the owner', async () => {
  await collect()
  const first = await objects.create(widget('owner'), manager)
  await objects.delete(widgetRef('owner'))
  await objects.create(widget('owner'), manager)
  await child('late', ownedBy(first))
  await isGone('late')
})

test('one owner that stays is enough, and the reference to the other goes', async () => {
  await collect()
  const one = await objects.create(widget('one'), manager)
  const two = await objects.create(widget('two'), manager)
  await child('both', ownedBy(one), ownedBy(two))
  await objects.delete(widgetRef('one'))
  await until(async () => {
    const { metadata } = await mustGet(objects, widgetRef('both'))
    return metadata.ownerReferences?.length === 1
  })
  const both = await mustGet(objects, widgetRef('both'))
  expect(both.metadata.ownerReferences?.[0]?.name).toBe('two')
})

test('orphan deletion leaves the dependents, without their owner', async () => {
  await collect()
  const owner = await objects.create(widget('owner'), manager)
  await child('dependent', ownedBy(owner))
  await objects.delete(widgetRef('owner'), { propagationPolicy: 'Orphan' })
  await isGone('owner')
  await lookedAtEverything()
  const { metadata } = await mustGet(objects, widgetRef('dependent'))
  expect(metadata.ownerReferences).toBeUndefined()
  expect(metadata.deletionTimestamp).toBeUndefined()
})

test('foreground deletion ends with the owner, after all that blocks it', async () => {
  await collect()
  const owner = await objects.create(widget('owner'), manager)
  const middle = await child('middle', ownedBy(owner, { blockOwnerDeletion: true }))
  await objects.create(
    widget(
      'leaf',
      {},
      {
        ownerReferences: [ownedBy(middle, { blockOwnerDeletion: true })],
        finalizers: ['test.pulse/hold'],
      },
    ),
    manager,
  )
  await objects.delete(widgetRef('owner'), { propagationPolicy: 'Foreground' })
  await until(async () => {
    const { metadata } = await mustGet(objects, widgetRef('leaf'))
    return metadata.deletionTimestamp !== undefined
  })
  await lookedAtEverything()
  expect([await exists('owner'), await exists('middle')]).toEqual([true, true])
  const { apiVersion, kind } = widgetRef('leaf')
  await objects.update(
    {
      apiVersion,
      kind,
      metadata: { ...(await mustGet(objects, widgetRef('leaf'))).metadata, finalizers: [] },
      spec: {},
    },
    manager,
  )
  await isGone('owner')
  expect(await exists('middle')).toBe(false)
})

test('a dependent that does not block goes after the owner', async () => {
  await collect()
  const owner = await objects.create(widget('owner'), manager)
  await child('dependent', ownedBy(owner))
  await objects.delete(widgetRef('owner'), { propagationPolicy: 'Foreground' })
  await isGone('owner')
  await isGone('dependent')
})

test('nothing is deleted for an owner of a kind that nobody knows', async () => {
  await collect()
  await child('far', { apiVersion: 'other/v1', kind: 'Thing', name: 'x', uid: randomUUID() })
  await lookedAtEverything()
  expect(await exists('far')).toBe(true)
})

test('an owner in another namespace is no owner, a cluster-scoped one is', async () => {
  await collect()
  const shop = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }
  await objects.create(shop, manager)
  const cluster = await objects.create(note('cluster'), manager)
  const elsewhere = await objects.create(widget('owner', {}, { namespace: 'shop' }), manager)
  await child('kept', ownedBy(cluster))
  await child('wrong', ownedBy(elsewhere))
  await isGone('wrong')
  expect(await exists('kept')).toBe(true)
})

test('an object that changes otherwise is not written', async () => {
  await collect()
  const owner = await objects.create(widget('owner'), manager)
  await child('dependent', ownedBy(owner))
  await lookedAtEverything()
  const { resourceVersion } = await mustGet(objects, widgetRef('dependent')).then((o) => o.metadata)
  await objects.update(widget('owner', { size: 3 }), manager)
  await lookedAtEverything()
  expect((await mustGet(objects, widgetRef('dependent'))).metadata.resourceVersion).toBe(
    resourceVersion,
  )
})
