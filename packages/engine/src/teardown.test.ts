import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { type KubeObject, type ObjectRef, refOf, teardownFinalizer } from '@pulse/api'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { conditionsOf, isTrue } from './conditions.ts'
import type { RunningControllers } from './controller.ts'
import { runGarbageCollector } from './garbage-collector.ts'
import { kinds } from './machine/kinds.ts'
import { ownedByReference, resourceNameAnnotation } from './ownership.ts'
import { protectFinalizer, teardownController } from './teardown.ts'
import type { TeardownStep } from './teardown-step.ts'
import { createWorld, quiet, until, type World } from './world.suite.ts'

const environments = { apiVersion: 'planapulse.com/v1alpha1', kind: 'TenantEnvironment' }
const clients = { apiVersion: 'planapulse.com/v1alpha1', kind: 'PLANAClient' }
const ref = { ...environments, name: 'acme-prod' }
const route = { ...kinds.httpRoute, namespace: 'acme', name: 'odoo' }
const worker = { ...kinds.deployment, namespace: 'acme', name: 'odoo' }
const claim = { ...kinds.claim, namespace: 'acme', name: 'filestore' }
const dropJob = (attempt: number) => ({
  ...kinds.job,
  namespace: 'crossplane-system',
  name: `drop-acme-r${attempt}`,
})

describe('teardown', () => {
  let world: World
  let loop: RunningControllers
  const halt = { controller: new AbortController() }

  beforeEach(async () => {
    world = await createWorld()
    halt.controller = new AbortController()
    const { objects, log } = world
    void runGarbageCollector({
      objects,
      log,
      kinds: world.kinds,
      signal: halt.controller.signal,
    })
    await createTenant(world)
    loop = await run()
  })
  afterEach(async () => {
    halt.controller.abort()
    await world.close()
  })

  test('steps are taken in order, each only when the one before it is done', async () => {
    const published = record()
    await world.patch(await world.get(refOf(await pod())), {
      metadata: { finalizers: ['test.pulse/alive'] },
    })
    await world.objects.delete(ref)
    await until(async () =>
      expect(await waitingFor()).toContain('workers: waiting for the end of Deployment acme/odoo'),
    )
    expect(await world.objects.get(route)).toBeUndefined()
    expect(await world.objects.get(dropJob(0))).toBeUndefined()

    await world.patch(await pod(), { metadata: { finalizers: null } })
    await until(async () => expect(await world.get(dropJob(0))).toBeDefined())
    expect(await world.objects.get(worker)).toBeUndefined()
    expect((await world.get(claim)).metadata.finalizers).toEqual([protectFinalizer])

    await end(dropJob(0), 'Complete')
    await until(async () => expect(await world.objects.get(ref)).toBeUndefined())
    await until(async () => expect(await world.objects.get(claim)).toBeUndefined())
    expect(published()).toEqual([
      'begin routes',
      'end routes',
      'begin workers',
      'end workers',
      'begin drop',
      'end drop',
      'begin release',
      'end release',
    ])
  })

  test('nobody waits longer for pods on their way out than the step allows', async () => {
    await world.patch(await pod(), {
      metadata: { finalizers: ['test.pulse/alive'], labels: { app: 'odoo' } },
    })
    await world.objects.delete(ref)
    await until(async () =>
      expect((await pod()).metadata).toMatchObject({ deletionGracePeriodSeconds: 60 }),
    )
    await world.patch(await pod(), { metadata: { finalizers: null } })
    await until(async () => expect(await world.objects.get(worker)).toBeUndefined())
  })

  test('killed at any step, it goes on where it was and does nothing twice', async () => {
    await world.objects.delete(ref)
    for (let round = 0; round < 20; round += 1) {
      // Stopped in the middle: what it has begun to do is all that is left of it.
      await loop.stop()
      loop = await run()
    }
    await until(async () => expect(await world.get(dropJob(0))).toBeDefined())
    await end(dropJob(0), 'Complete')
    await until(async () => expect(await world.objects.get(ref)).toBeUndefined())
    expect(await world.objects.get(dropJob(1))).toBeUndefined()
    const applied = world.writes.filter((write) => write.startsWith('apply Job'))
    expect(applied).toEqual(['apply Job drop-acme-r0'])
  })

  test('a failed task keeps everything, says why, and is tried again later under a new name', async () => {
    await world.objects.delete(ref)
    await until(async () => expect(await world.get(dropJob(0))).toBeDefined())
    await end(dropJob(0), 'Failed')
    await until(async () =>
      expect(await waitingFor()).toContain(
        'drop: waiting for a retry: Job crossplane-system/drop-acme-r0 failed: disk full',
      ),
    )
    expect(await world.objects.get(dropJob(1))).toBeUndefined()
    expect((await world.get(claim)).metadata.finalizers).toEqual([protectFinalizer])
    // Long enough ago, the next attempt is due.
    await end(dropJob(0), 'Failed', '2026-01-01T00:00:00Z')
    await until(async () => expect(await world.get(dropJob(1))).toBeDefined())
    expect(await world.objects.get(dropJob(0))).toBeDefined()
    await end(dropJob(1), 'Complete')
    await until(async () => expect(await world.objects.get(ref)).toBeUndefined())
  })

  test('foreground deletion by a client changes nothing in what protects the data', async () => {
    await world.objects.delete(ref, { propagationPolicy: 'Foreground' })
    await until(async () => expect(await world.get(dropJob(0))).toBeDefined())
    await quiet(world)
    expect((await world.get(claim)).metadata.finalizers).toEqual([protectFinalizer])
    await end(dropJob(0), 'Complete')
    await until(async () => expect(await world.objects.get(ref)).toBeUndefined())
  })

  test('a client goes after its last environment, which goes in its own order', async () => {
    const client = { ...clients, name: 'acme' }
    await world.objects.delete(client)
    await until(async () => expect(await world.get(dropJob(0))).toBeDefined())
    await quiet(world)
    expect(await world.objects.get(client)).toBeDefined()
    await end(dropJob(0), 'Complete')
    await until(async () => expect(await world.objects.get(client)).toBeUndefined())
    expect(await world.objects.get(ref)).toBeUndefined()
  })

  test('one that lives is left alone', async () => {
    await quiet(world)
    world.writes.length = 0
    await world.patch(await world.get(worker), { metadata: { labels: { touched: 'yes' } } })
    await world.patch(await world.get(ref), { metadata: { labels: { touched: 'yes' } } })
    await quiet(world)
    expect(world.writes).toEqual([])
    expect((await world.get(ref)).metadata.finalizers).toContain(teardownFinalizer)
  })

  function run() {
    const { objects, clock, events } = world
    const options = { objects, clock, events }
    const watches = [kinds.httpRoute, kinds.deployment, kinds.claim, kinds.job]
    const steps = () => environmentSteps
    const ofClient = (resource: KubeObject): readonly TeardownStep[] => [
      {
        name: 'environments',
        type: 'remove-all',
        of: environments,
        where: ({ spec }) => JSON.stringify(spec).includes(`"client":"${resource.metadata.name}"`),
      },
    ]
    return world.run(
      teardownController(environments, { ...options, steps, watches }),
      teardownController(clients, { ...options, steps: ofClient, watches: [environments] }),
    )
  }

  async function waitingFor() {
    return conditionsOf(await world.get(ref)).find(({ reason }) => reason === 'Deleting')?.message
  }

  async function pod() {
    return world.get({ ...kinds.pod, namespace: 'acme', name: 'odoo-1' })
  }

  async function end(job: ObjectRef, type: 'Complete' | 'Failed', at?: string) {
    const now = at ?? new Date().toISOString().replace(/\..*/, 'Z')
    const message = type === 'Failed' ? 'disk full' : 'done'
    const condition = { type, status: 'True', reason: 'Test', message, lastTransitionTime: now }
    const { apiVersion, kind, namespace, name } = job
    await world.objects.apply(
      {
        apiVersion,
        kind,
        metadata: { name, ...(namespace && { namespace }) },
        status: { conditions: [condition] },
      },
      { fieldManager: 'test', subresource: 'status', force: true },
    )
    await until(async () => expect(isTrue(await world.get(job), type)).toBe(true))
  }
})

const environmentSteps: readonly TeardownStep[] = [
  { name: 'routes', type: 'remove', objects: [route], foreground: false },
  {
    name: 'workers',
    type: 'remove',
    objects: [worker],
    foreground: true,
    hastens: { namespace: 'acme', labels: { app: 'odoo' }, graceSeconds: 60 },
  },
  { name: 'drop', type: 'task', job: (attempt) => makeJob(dropJob(attempt)) },
  { name: 'release', type: 'release', objects: [claim], finalizer: protectFinalizer },
]

/** A tenant as the composite loop and the machine would have made it. */
async function createTenant(world: World): Promise<void> {
  await world.apply({
    ...clients,
    metadata: { name: 'acme' },
    spec: {
      subdomain: 'acme',
      projectId: 1,
      tier: 'pro',
      ownerEmail: 'ceo@acme.bg',
      ownerName: 'A. Acme',
    },
  })
  const environment = await world.apply({
    ...environments,
    metadata: { name: 'acme-prod' },
    spec: { client: 'acme', name: 'prod' },
  })
  const owned = (object: KubeObject, name: string) =>
    world.apply(ownedByReference(environments).mark(object, environment, name))
  const metadata = { name: 'odoo', namespace: 'acme' }
  const containers = [{ name: 'main', image: 'base-18' }]
  const template = { metadata: { labels: { app: 'odoo' } }, spec: { containers } }
  await owned({ ...kinds.httpRoute, metadata, spec: { parentRefs: [{ name: 'pulse' }] } }, 'route')
  const deployment = await owned(
    {
      ...kinds.deployment,
      metadata,
      spec: { selector: { matchLabels: { app: 'odoo' } }, template },
    },
    'worker',
  )
  const { apiVersion, kind } = kinds.deployment
  const owner = { apiVersion, kind, name: 'odoo', uid: deployment.metadata.uid ?? '' }
  await world.apply({
    ...kinds.pod,
    metadata: {
      name: 'odoo-1',
      namespace: 'acme',
      ownerReferences: [{ ...owner, controller: true, blockOwnerDeletion: true }],
    },
    spec: { containers, terminationGracePeriodSeconds: 320 },
  })
  await owned(
    {
      ...kinds.claim,
      metadata: { name: 'filestore', namespace: 'acme', finalizers: [protectFinalizer] },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    },
    'filestore',
  )
}

function makeJob({ apiVersion, kind, name, namespace = '' }: ObjectRef): KubeObject {
  const containers = [{ name: 'task', image: 'pulse' }]
  return {
    apiVersion,
    kind,
    metadata: { name, namespace, annotations: { [resourceNameAnnotation]: 'not-composed' } },
    spec: { template: { spec: { restartPolicy: 'Never', containers } } },
  }
}

/** The published steps of the environment, from now on. */
function record(): () => readonly string[] {
  const lines: string[] = []
  const listen = (message: unknown) => {
    const { kind, step, phase } = Object.assign({ kind: '', step: '', phase: '' }, message)
    if (kind === 'TenantEnvironment') lines.push(`${phase} ${step}`)
  }
  subscribe('pulse.step', listen)
  return () => {
    unsubscribe('pulse.step', listen)
    return lines
  }
}
