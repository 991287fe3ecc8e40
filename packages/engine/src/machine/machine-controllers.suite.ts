import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type KubeObject, refOf } from '@pulse/api'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { conditionsOf, isTrue, statusOf } from '../conditions.ts'
import type { Controller } from '../controller.ts'
import { controllerOf, isDeleting } from '../ownership.ts'
import {
  type CreateStore,
  createWorld,
  namespacedKindsOf,
  quiet,
  until,
  type World,
} from '../world.suite.ts'
import { kinds } from './kinds.ts'
import { machineControllers } from './machine-controllers.ts'
import { enforcementAnnotation } from './recorded-kinds-controller.ts'
import { createVolumeFolders } from './volume-folders.ts'

const place = { namespace: 'acme' }
const hold = 'test.pulse/hold'

/** What a machine does with Kubernetes' kinds, on any store. The test plays the pod runner. */
export function describeMachineControllers(name: string, createStore: CreateStore): void {
  describe(`machine controllers on ${name}`, () => {
    let world: World
    let root: string

    beforeEach(async () => {
      root = await mkdtemp(join(tmpdir(), 'pulse-volumes-'))
      world = await createWorld(createStore)
      await world.run(
        ...machineControllers({
          ...world,
          namespacedKinds: namespacedKindsOf(world),
          volumes: createVolumeFolders(root),
          firstRetrySeconds: 0,
        }),
        podRunner(world),
      )
    })
    afterEach(async () => {
      await world.close()
      await rm(root, { recursive: true, force: true })
    })

    test('a Job runs its pod, keeps it, and is complete', async () => {
      const ref = refOf(await world.apply(makeJob('claim', 'succeed')))
      await until(async () => expect(isTrue(await world.get(ref), 'Complete')).toBe(true))
      const pods = await podsIn(world)
      expect(pods).toHaveLength(1)
      expect(pods[0]?.metadata.labels).toMatchObject({ 'job-name': 'claim' })
      expect(statusOf(await world.get(ref))).toMatchObject({ succeeded: 1, active: 0 })
    })

    test('a Job that fails is tried again as often as it may, and says the last words', async () => {
      const ref = refOf(await world.apply(makeJob('claim', 'fail')))
      await until(async () => expect(isTrue(await world.get(ref), 'Failed')).toBe(true))
      const failed = conditionsOf(await world.get(ref)).find(({ type }) => type === 'Failed')
      expect(failed).toMatchObject({
        reason: 'BackoffLimitExceeded',
        message: 'Job has reached the specified backoff limit: no space left',
      })
      expect(await podsIn(world)).toHaveLength(3)
    })

    test('a Deployment becomes pods, and a Service their addresses', async () => {
      await world.apply(makeService())
      const ref = refOf(await world.apply(makeDeployment('a', { replicas: 2 })))
      await until(async () =>
        expect(statusOf(await world.get(ref))).toMatchObject({
          availableReplicas: 2,
          updatedReplicas: 2,
          observedGeneration: 1,
        }),
      )
      await until(async () => expect(await addressesIn(world)).toHaveLength(2))
      expect(isTrue(await world.get(ref), 'Available')).toBe(true)
    })

    test('a new template rolls out without a gap, and the history is kept', async () => {
      const ref = refOf(await world.apply(makeDeployment('a', { replicas: 2 })))
      await until(async () =>
        expect(statusOf(await world.get(ref))).toMatchObject({ availableReplicas: 2 }),
      )
      const counts = watchReady(world)
      await world.apply(makeDeployment('b', { replicas: 2 }))
      await until(async () => {
        const images = (await podsIn(world)).map(imageOf)
        expect(images).toEqual(['b', 'b'])
        expect(statusOf(await world.get(ref))).toMatchObject({ updatedReplicas: 2, replicas: 2 })
      })
      expect(Math.min(...(await counts()))).toBeGreaterThanOrEqual(2)
      const sets = await world.objects.list({ ...kinds.replicaSet, ...place })
      expect(sets.items).toHaveLength(2)
      expect((await world.get(ref)).metadata.annotations).toMatchObject({
        'deployment.kubernetes.io/revision': '2',
      })
    })

    test('Recreate never has two templates at work', async () => {
      const strategy = { type: 'Recreate' }
      const ref = refOf(await world.apply(makeDeployment('a', { strategy })))
      await until(async () =>
        expect(statusOf(await world.get(ref))).toMatchObject({ availableReplicas: 1 }),
      )
      const seen: string[] = []
      const [old] = await podsIn(world)
      await holdBack(world, old)
      await world.apply(makeDeployment('b', { strategy }))
      await until(async () => expect((await podsIn(world)).every(isDeleting)).toBe(true))
      await quiet(world)
      seen.push(...(await podsIn(world)).map(imageOf))
      expect(seen).toEqual(['a'])
      await letGo(world, old)
      await until(async () => expect((await podsIn(world)).map(imageOf)).toEqual(['b']))
    })

    test('scaled to nothing and back, without a new template', async () => {
      const ref = refOf(await world.apply(makeDeployment('a')))
      await until(async () => expect(await podsIn(world)).toHaveLength(1))
      await scale(world, 0)
      await until(async () => expect(await podsIn(world)).toHaveLength(0))
      await until(async () => expect(statusOf(await world.get(ref))).toMatchObject({ replicas: 0 }))
      await scale(world, 1)
      await until(async () => expect(await podsIn(world)).toHaveLength(1))
      const sets = await world.objects.list({ ...kinds.replicaSet, ...place })
      expect(sets.items).toHaveLength(1)
    })

    test('a deleted pod is replaced, and never by two', async () => {
      await world.apply(makeDeployment('a'))
      await until(async () => expect(await podsIn(world)).toHaveLength(1))
      for (let round = 0; round < 5; round += 1) {
        const [pod] = await podsIn(world)
        if (pod) await world.objects.delete(refOf(pod))
        await until(async () => {
          const pods = await podsIn(world)
          expect(pods).toHaveLength(1)
          expect(pods[0]?.metadata.uid).not.toBe(pod?.metadata.uid)
        })
      }
      await quiet(world)
      expect(await podsIn(world)).toHaveLength(1)
    })

    test('a pod whose label is changed is let go and replaced, one that fits is taken in', async () => {
      await world.apply(makeDeployment('a'))
      await until(async () => expect(await podsIn(world)).toHaveLength(1))
      const [pod] = await podsIn(world)
      if (!pod) throw new Error('no pod')
      const labels = { app: 'quarantined' }
      await world.patch(pod, { metadata: { labels } })
      await until(async () => expect(await podsIn(world)).toHaveLength(2))
      expect(controllerOf(await world.get(refOf(pod)))).toBeUndefined()
      await world.patch(pod, { metadata: { labels: { app: 'odoo' } } })
      await until(async () => {
        const left = await podsIn(world)
        expect(left).toHaveLength(1)
        expect(left.every((one) => controllerOf(one)?.kind === 'ReplicaSet')).toBe(true)
      })
    })

    test('created and deleted in one breath leaves nothing running', async () => {
      for (let round = 0; round < 10; round += 1) {
        await world.apply(makeDeployment(`v${round}`))
        await world.objects.delete(refOf(makeDeployment('any')))
      }
      await quiet(world)
      const sets = await world.objects.list({ ...kinds.replicaSet, ...place })
      for (const set of sets.items) await world.objects.delete(refOf(set))
      for (const pod of await podsIn(world)) await world.objects.delete(refOf(pod))
      await quiet(world)
      expect(await podsIn(world)).toEqual([])
    })

    test('a claim gets its folder, and loses it only when nobody protects or uses it', async () => {
      const metadata = { name: 'filestore', ...place, finalizers: ['planapulse.com/protect'] }
      const ref = refOf(await world.apply({ ...claimOf(metadata) }))
      await until(async () =>
        expect(statusOf(await world.get(ref))).toMatchObject({ phase: 'Bound' }),
      )
      const folder = join(root, 'acme', 'filestore')
      expect((await stat(folder)).mode & 0o777).toBe(0o700)

      await world.objects.delete(ref)
      await quiet(world)
      expect((await stat(folder)).isDirectory()).toBe(true)
      await world.patch(await world.get(ref), {
        metadata: { finalizers: ['kubernetes.io/pvc-protection'] },
      })
      await until(async () => expect(await world.objects.get(ref)).toBeUndefined())
      await expect(stat(folder)).rejects.toThrow('ENOENT')
    })

    test('a namespace goes after all that is in it', async () => {
      await world.apply(makeDeployment('a'))
      await world.apply(claimOf({ name: 'filestore', ...place }))
      await until(async () => expect(await podsIn(world)).toHaveLength(1))
      const [pod] = await podsIn(world)
      await holdBack(world, pod)
      const ref = { ...kinds.namespace, name: 'acme' }
      await world.objects.delete(ref)
      await until(async () =>
        expect(statusOf(await world.get(ref))).toMatchObject({ phase: 'Terminating' }),
      )
      await until(async () => expect((await podsIn(world)).every(isDeleting)).toBe(true))
      await quiet(world)
      // Its folder may be in use as long as a process runs.
      expect(await world.objects.get({ ...kinds.claim, ...place, name: 'filestore' })).toBeDefined()
      await letGo(world, pod)
      await until(async () => expect(await world.objects.get(ref)).toBeUndefined())
      for (const kind of namespacedKindsOf(world)) {
        expect((await world.objects.list({ ...kind, ...place })).items).toEqual([])
      }
    })

    test('a route says whether its backend is there', async () => {
      const ref = refOf(await world.apply(makeRoute()))
      const resolved = async () => {
        const { parents } = statusOf(await world.get(ref))
        const [parent] = Array.isArray(parents) ? parents : []
        const route = { ...kinds.httpRoute, metadata: { name: 'r' }, status: parent }
        return conditionsOf(route).map(({ type, status, reason }) => `${type}=${status} ${reason}`)
      }
      await until(async () =>
        expect(await resolved()).toEqual([
          'Accepted=True Accepted',
          'ResolvedRefs=False BackendNotFound',
        ]),
      )
      await world.apply(makeService())
      await until(async () =>
        expect(await resolved()).toEqual([
          'Accepted=True Accepted',
          'ResolvedRefs=True ResolvedRefs',
        ]),
      )
    })

    test('what is only recorded says so', async () => {
      const policy = {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: 'deny', ...place },
        spec: { podSelector: {}, policyTypes: ['Ingress'] },
      }
      const ref = refOf(await world.apply(policy))
      await until(async () =>
        expect((await world.get(ref)).metadata.annotations?.[enforcementAnnotation]).toContain(
          'not enforced',
        ),
      )
    })

    test('when everything is as it should be, nothing is written', async () => {
      await world.apply(makeService())
      await world.apply(makeRoute())
      const claim = refOf(await world.apply(claimOf({ name: 'filestore', ...place })))
      await until(async () =>
        expect(statusOf(await world.get(claim))).toMatchObject({ phase: 'Bound' }),
      )
      await world.apply(makeJob('claim', 'succeed'))
      const ref = refOf(await world.apply(makeDeployment('a')))
      await until(async () =>
        expect(statusOf(await world.get(ref))).toMatchObject({ availableReplicas: 1 }),
      )
      await quiet(world)
      world.writes.length = 0
      for (const kind of [
        kinds.deployment,
        kinds.replicaSet,
        kinds.job,
        kinds.service,
        kinds.claim,
      ]) {
        const { items } = await world.objects.list({ ...kind, ...place })
        for (const item of items) await world.patch(item, { metadata: { labels: { seen: 'yes' } } })
      }
      await quiet(world)
      // A Service hands its labels on to its slice; nothing else is to be said.
      expect(world.writes).toEqual([expect.stringMatching(/^apply EndpointSlice/)])
    })
  })
}

/** Plays the pod runner: what runs is ready at once, what is to succeed or fail has done so. */
function podRunner({ objects }: World): Controller {
  let addresses = 1
  return {
    name: 'test-pod-runner',
    primary: kinds.pod,
    watches: [],
    async reconcile(pod) {
      const { phase } = statusOf(pod)
      if (phase !== 'Pending' || isDeleting(pod)) return undefined
      const now = new Date().toISOString().replace(/\..*/, 'Z')
      addresses += 1
      await objects.apply(
        { ...bare(pod), status: podStatus(imageOf(pod), { now, podIP: `127.64.1.${addresses}` }) },
        { fieldManager: 'test-pod-runner', subresource: 'status', force: true },
      )
      return undefined
    },
  }
}

function podStatus(image: string, { now, podIP }: { now: string; podIP: string }) {
  const isReady = image !== 'succeed' && image !== 'fail'
  const ended = {
    exitCode: image === 'fail' ? 1 : 0,
    reason: image === 'fail' ? 'Error' : 'Completed',
    finishedAt: now,
    ...(image === 'fail' && { message: 'no space left' }),
  }
  const status = isReady ? 'True' : 'False'
  return {
    phase: isReady ? 'Running' : image === 'fail' ? 'Failed' : 'Succeeded',
    podIP,
    conditions: [{ type: 'Ready', status, lastTransitionTime: now }],
    containerStatuses: [
      {
        name: 'main',
        image,
        imageID: image,
        ready: isReady,
        restartCount: 0,
        state: isReady ? { running: { startedAt: now } } : { terminated: ended },
      },
    ],
  }
}

function bare({ apiVersion, kind, metadata }: KubeObject): KubeObject {
  const { name, namespace = 'acme' } = metadata
  return { apiVersion, kind, metadata: { name, namespace } }
}

function imageOf({ spec }: KubeObject): string {
  return JSON.stringify(spec).match(/"image":"([^"]+)"/)?.[1] ?? ''
}

async function podsIn({ objects }: World): Promise<readonly KubeObject[]> {
  return (await objects.list({ ...kinds.pod, ...place })).items
}

async function addressesIn({ objects }: World): Promise<readonly string[]> {
  const { items } = await objects.list({ ...kinds.endpointSlice, ...place })
  return items.flatMap((slice) => JSON.stringify(slice.endpoints).match(/127\.64\.1\.\d+/g) ?? [])
}

/** How many pods were ready, change by change, from now until asked. */
function watchReady(world: World): () => Promise<readonly number[]> {
  const counts: number[] = []
  const halt = new AbortController()
  const watching = (async () => {
    const { items, resourceVersion } = await world.objects.list({ ...kinds.pod, ...place })
    const ready = new Map(items.map((pod) => [pod.metadata.name, isTrue(pod, 'Ready')]))
    const query = { ...kinds.pod, ...place, resourceVersion, signal: halt.signal }
    for await (const { type, object } of world.objects.watch(query)) {
      ready.set(object.metadata.name, type !== 'DELETED' && isTrue(object, 'Ready'))
      counts.push([...ready.values()].filter(Boolean).length)
    }
  })()
  return async () => {
    halt.abort()
    await watching
    return counts
  }
}

async function scale(world: World, replicas: number) {
  await world.patch(makeDeployment('a'), { spec: { replicas } })
}

/** As the pod runner does while a process lives: the deleted pod stays in sight. */
async function holdBack(world: World, pod: KubeObject | undefined) {
  if (pod) await world.patch(pod, { metadata: { finalizers: [hold] } })
}

async function letGo(world: World, pod: KubeObject | undefined) {
  if (pod) await world.patch(pod, { metadata: { finalizers: null } })
}

function makeJob(name: string, image: string): KubeObject {
  const containers = [{ name: 'main', image }]
  return {
    ...kinds.job,
    metadata: { name, ...place },
    spec: { backoffLimit: 2, template: { spec: { restartPolicy: 'Never', containers } } },
  }
}

function makeDeployment(image: string, spec: Readonly<Record<string, unknown>> = {}): KubeObject {
  const labels = { app: 'odoo' }
  return {
    ...kinds.deployment,
    metadata: { name: 'odoo', ...place },
    spec: {
      selector: { matchLabels: labels },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: { metadata: { labels }, spec: { containers: [{ name: 'main', image }] } },
      ...spec,
    },
  }
}

function makeService(): KubeObject {
  const ports = [{ name: 'http', port: 8069 }]
  return {
    ...kinds.service,
    metadata: { name: 'odoo', ...place },
    spec: { clusterIP: 'None', selector: { app: 'odoo' }, ports },
  }
}

function makeRoute(): KubeObject {
  return {
    ...kinds.httpRoute,
    metadata: { name: 'odoo', ...place },
    spec: {
      parentRefs: [{ name: 'pulse' }],
      hostnames: ['acme.localhost'],
      rules: [{ backendRefs: [{ name: 'odoo', port: 8069 }] }],
    },
  }
}

function claimOf(metadata: KubeObject['metadata']): KubeObject {
  const resources = { requests: { storage: '1Gi' } }
  return { ...kinds.claim, metadata, spec: { accessModes: ['ReadWriteOnce'], resources } }
}
