import type { Compose, ComposeOutput, KubeObject } from '@pulse/api'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { compositeController, poolController } from './composite-controller.ts'
import { conditionsOf } from './conditions.ts'
import { resourceNameAnnotation } from './ownership.ts'
import { createWorld, quiet, until, type World } from './world.suite.ts'

const snapshots = { apiVersion: 'planapulse.com/v1alpha1', kind: 'TemplateSnapshot' }
const maps = { apiVersion: 'v1', kind: 'ConfigMap' }
const secrets = { apiVersion: 'v1', kind: 'Secret' }
const snapshot = {
  ...snapshots,
  metadata: { name: 'basic-18' },
  spec: { edition: 'basic', odooVersion: '18' },
}
const snapshotRef = { ...snapshots, name: 'basic-18' }
const mapRef = (name: string) => ({ ...maps, namespace: 'acme', name })

describe('composite loop', () => {
  let world: World
  beforeEach(async () => {
    world = await createWorld()
  })
  afterEach(() => world.close())

  test('what is composed is made, owned, and reported as ready', async () => {
    await run(() => output({ facts: map('facts', { a: '1' }) }, { status: { standbys: 2 } }))
    const composite = await world.apply(snapshot)
    await until(async () => expect(await world.get(mapRef('facts'))).toBeDefined())
    await until(async () => expect(conditionsIn(await world.get(snapshotRef))).toHaveLength(2))

    const facts = await world.get(mapRef('facts'))
    expect(facts.metadata).toMatchObject({
      annotations: { [resourceNameAnnotation]: 'facts' },
      labels: { 'crossplane.io/composite': 'basic-18' },
      ownerReferences: [{ uid: composite.metadata.uid, controller: true }],
    })
    expect(facts.metadata.managedFields).toMatchObject([{ manager: 'pulse', operation: 'Apply' }])
    const { status } = await world.get(snapshotRef)
    expect(status).toMatchObject({ observedGeneration: 1, standbys: 2 })
    expect(conditionsIn(await world.get(snapshotRef))).toEqual([
      'Synced=True ReconcileSuccess',
      'Ready=True Available',
    ])
  })

  test('after a pass that changed nothing the next may wait, after one that did it may not', async () => {
    const facts = output({ facts: map('facts', { a: '1' }) })
    const controller = compositeController(
      snapshots,
      options(() => facts),
    )
    await world.apply(snapshot)
    const pass = async () => {
      const { signal } = new AbortController()
      await controller.reconcile(await world.get(snapshotRef), signal)
      return controller.rest?.(snapshotRef)
    }
    expect(await pass()).toBe(0)
    expect(await pass()).toBeGreaterThan(0)
    await world.patch(await world.get(mapRef('facts')), { data: { a: 'theirs' } })
    expect(await pass()).toBe(0)
  })

  test('a steady state costs no write, whatever wakes the loop', async () => {
    await run(({ observed }) =>
      output({ facts: map('facts', { a: '1' }) }, { ready: readyWhen(observed.facts) }),
    )
    await world.apply(snapshot)
    await until(async () =>
      expect(conditionsIn(await world.get(snapshotRef))).toContain('Ready=True Available'),
    )
    await quiet(world)
    world.writes.length = 0
    // A foreign field is nothing the loop has to mend, but it wakes it.
    await world.objects.patch(
      mapRef('facts'),
      { type: 'merge', patch: { data: { theirs: 'x' } } },
      { fieldManager: 'task' },
    )
    await quiet(world)
    const applied = world.writes.filter((write) => write.startsWith('apply'))
    // The change is looked at once; after that nothing is left to say.
    expect(applied).toEqual(['apply ConfigMap facts'])
    world.writes.length = 0
    await world.apply({ ...maps, metadata: { name: 'stranger', namespace: 'acme' } })
    await quiet(world)
    expect(world.writes).toEqual([])
  })

  test('drift is put right and what was deleted comes back', async () => {
    await run(() => output({ facts: map('facts', { a: '1' }) }))
    await world.apply(snapshot)
    await until(async () => expect(await world.get(mapRef('facts'))).toBeDefined())
    await quiet(world)
    const patch = { data: { a: '2' } }
    const options = { fieldManager: 'kubectl' }
    await world.objects.patch(mapRef('facts'), { type: 'merge', patch }, options)
    await until(async () =>
      expect(await world.get(mapRef('facts'))).toMatchObject({ data: { a: '1' } }),
    )
    await world.objects.delete(mapRef('facts'))
    await until(async () => expect(await world.get(mapRef('facts'))).toBeDefined())
  })

  test('what is no longer composed is deleted, what others made is not', async () => {
    await world.apply({ ...maps, metadata: { name: 'foreign', namespace: 'acme' } })
    await run(({ resource }) =>
      output(resource.metadata.labels?.empty ? {} : { facts: map('facts', { a: '1' }) }),
    )
    await world.apply(snapshot)
    await until(async () => expect(await world.get(mapRef('facts'))).toBeDefined())
    await world.apply({ ...snapshot, metadata: { name: 'basic-18', labels: { empty: 'yes' } } })
    await until(async () => expect(await world.objects.get(mapRef('facts'))).toBeUndefined())
    expect(await world.objects.get(mapRef('foreign'))).toBeDefined()
  })

  test('an object that someone else controls is never taken over', async () => {
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'u-1', controller: true }
    const metadata = { name: 'facts', namespace: 'acme', ownerReferences: [owner] }
    await world.apply({ ...maps, metadata, data: { a: 'theirs' } })
    await run(() => output({ facts: map('facts', { a: 'ours' }) }))
    await world.apply(snapshot)
    await until(async () => {
      const [synced] = conditionsOf(await world.get(snapshotRef))
      expect(synced).toMatchObject({
        status: 'False',
        reason: 'ReconcileError',
        message: 'ConfigMap acme/facts is controlled by ConfigMap x and is not taken over',
      })
    })
    expect(await world.get(mapRef('facts'))).toMatchObject({ data: { a: 'theirs' } })
  })

  test('a composition that throws is reported and logged once, touches nothing, and recovers', async () => {
    let broken = false
    let passes = 0
    await run(() => {
      passes += 1
      if (broken) throw new Error('a bug\nwith a second line')
      return output({ facts: map('facts', { a: '1' }) })
    })
    await world.apply(snapshot)
    await until(async () => expect(await world.get(mapRef('facts'))).toBeDefined())
    await quiet(world)
    broken = true
    passes = 0
    await world.apply({ ...snapshot, spec: { ...snapshot.spec, modules: ['sale'] } })
    await until(async () => expect(passes).toBeGreaterThan(3))
    expect(conditionsIn(await world.get(snapshotRef))).toContain('Synced=False ReconcileError')
    const [synced] = conditionsOf(await world.get(snapshotRef))
    expect(synced?.message).toBe('a bug')
    expect(await world.objects.get(mapRef('facts'))).toBeDefined()
    expect(world.logged.filter((line) => line.includes('a bug'))).toHaveLength(1)
    expect(await eventsOf('ReconcileError')).toMatchObject([{ count: 1, message: 'a bug' }])
    broken = false
    await until(async () =>
      expect(conditionsIn(await world.get(snapshotRef))).toContain('Synced=True ReconcileSuccess'),
    )
  })

  test('a change of a required object brings a pass, and is seen in it', async () => {
    const requires = { plan: { ...secrets, namespace: 'acme', name: 'plan' } }
    await run(({ required }) => {
      const [plan] = required.plan ?? []
      return output(
        { facts: map('facts', { plan: plan?.metadata.labels?.plan ?? 'none' }) },
        { requires },
      )
    })
    await world.apply(snapshot)
    await until(async () =>
      expect(await world.get(mapRef('facts'))).toMatchObject({ data: { plan: 'none' } }),
    )
    await world.apply({
      ...secrets,
      metadata: { name: 'plan', namespace: 'acme', labels: { plan: 'pro' } },
    })
    await until(async () =>
      expect(await world.get(mapRef('facts'))).toMatchObject({ data: { plan: 'pro' } }),
    )
    await world.objects.delete({ ...secrets, namespace: 'acme', name: 'plan' })
    await until(async () =>
      expect(await world.get(mapRef('facts'))).toMatchObject({ data: { plan: 'none' } }),
    )
  })

  test('an event is told when it begins to be true, not at each pass', async () => {
    const note = { type: 'Normal', reason: 'Claimed', message: 'database claimed' } as const
    await run(() => output({ facts: map('facts', { a: '1' }) }, { events: [note] }))
    await world.apply(snapshot)
    await until(async () => expect(await eventsOf('Claimed')).toHaveLength(1))
    await world.apply({ ...snapshot, spec: { ...snapshot.spec, modules: ['sale'] } })
    await quiet(world)
    expect(await eventsOf('Claimed')).toMatchObject([{ count: 1 }])
  })

  test('a kind that is not watched cannot be composed: nobody would hear of it', async () => {
    await run(() =>
      output({
        pod: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'acme' } },
      }),
    )
    await world.apply(snapshot)
    await until(async () =>
      expect(conditionsIn(await world.get(snapshotRef))).toEqual(['Synced=False ReconcileError']),
    )
  })

  test('a composite that is being deleted is left to teardown and the collector', async () => {
    await run(() => output({ facts: map('facts', { a: '1' }) }))
    await world.apply({
      ...snapshot,
      metadata: { name: 'basic-18', finalizers: ['test.pulse/hold'] },
    })
    await until(async () => expect(await world.get(mapRef('facts'))).toBeDefined())
    await quiet(world)
    await world.objects.delete(snapshotRef)
    await world.objects.delete(mapRef('facts'))
    await quiet(world)
    expect(await world.objects.get(mapRef('facts'))).toBeUndefined()
  })

  test('a loop that starts anew knows what was composed before', async () => {
    const first = await run(() => output({ a: map('a', {}), b: map('b', {}) }))
    await world.apply(snapshot)
    await until(async () => expect(await world.get(mapRef('b'))).toBeDefined())
    await first.stop()
    await run(() => output({ a: map('a', {}) }))
    await until(async () => expect(await world.objects.get(mapRef('b'))).toBeUndefined())
    expect(await world.objects.get(mapRef('a'))).toBeDefined()
  })

  test('a pool is composed by the same loop, known by its label, and left alone once it is not served', async () => {
    let served = true
    const added: Array<(name: string) => void> = []
    const kind = { apiVersion: 'planapulse.com/v1alpha1', kind: 'Pool' }
    await world.run(
      poolController(kind, {
        ...options(({ resource }) =>
          output({ facts: map('pool', { of: resource.metadata.name }) }),
        ),
        label: 'planapulse.com/pool',
        read: async (name) => (served ? { ...kind, metadata: { name } } : undefined),
        feed: (add) => {
          added.push(add)
          add('plana-odoo-18')
        },
      }),
    )
    await until(async () => expect(await world.get(mapRef('pool'))).toBeDefined())
    const { metadata } = await world.get(mapRef('pool'))
    expect(metadata.labels).toEqual({ 'planapulse.com/pool': 'plana-odoo-18' })
    expect(metadata.ownerReferences).toBeUndefined()
    await world.objects.delete(mapRef('pool'))
    await until(async () => expect(await world.get(mapRef('pool'))).toBeDefined())
    served = false
    for (const add of added) add('plana-odoo-18')
    await quiet(world)
    expect(await world.objects.get(mapRef('pool'))).toBeDefined()
  })

  function options(compose: Compose) {
    const { objects, clock, events } = world
    return { objects, clock, events, compose, parameters: {}, watches: [maps, secrets] }
  }

  function run(compose: Compose) {
    return world.run(compositeController(snapshots, options(compose)))
  }

  async function eventsOf(reason: string) {
    const { items } = await world.objects.list({ apiVersion: 'v1', kind: 'Event' })
    return items.filter((event) => event.reason === reason)
  }
})

function output(
  objects: Readonly<Record<string, KubeObject>>,
  more: Partial<ComposeOutput> = {},
): ComposeOutput {
  const nothing = { status: {}, conditions: [], events: [], requires: {} }
  return { ...nothing, ready: { ready: true }, objects, ...more }
}

function map(name: string, data: Readonly<Record<string, string>>): KubeObject {
  return { ...maps, metadata: { name, namespace: 'acme' }, data }
}

function readyWhen(object: KubeObject | undefined) {
  return object ? ({ ready: true } as const) : ({ ready: false, message: 'wait' } as const)
}

function conditionsIn(object: KubeObject): readonly string[] {
  return conditionsOf(object).map(({ type, status, reason }) => `${type}=${status} ${reason}`)
}
