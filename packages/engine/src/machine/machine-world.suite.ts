import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KubeObject } from '@pulse/api'
import { isTrue, statusOf } from '../conditions.ts'
import type { Controller } from '../controller.ts'
import { isDeleting } from '../ownership.ts'
import { type CreateStore, createWorld, namespacedKindsOf, type World } from '../world.suite.ts'
import { kinds } from './kinds.ts'
import { machineControllers } from './machine-controllers.ts'
import { createVolumeFolders } from './volume-folders.ts'

export const place = { namespace: 'acme' }
const hold = 'test.pulse/hold'

/** A world with the machine controllers at work; the test plays the pod runner. */
export interface MachineWorld extends World {
  /** Where claims become folders. */
  readonly root: string
}

export async function createMachineWorld(createStore: CreateStore): Promise<MachineWorld> {
  const root = await mkdtemp(join(tmpdir(), 'pulse-volumes-'))
  const world = await createWorld(createStore)
  await world.run(
    ...machineControllers({
      ...world,
      namespacedKinds: namespacedKindsOf(world),
      volumes: createVolumeFolders(root),
      firstRetrySeconds: 0,
    }),
    podRunner(world),
  )
  return {
    ...world,
    root,
    async close() {
      await world.close()
      await rm(root, { recursive: true, force: true })
    },
  }
}

/** Plays the pod runner: what runs is ready at once, or never, and what is to succeed or fail has done so. */
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
  const runs = image !== 'succeed' && image !== 'fail'
  const isReady = runs && image !== 'unready'
  const ended = {
    exitCode: image === 'fail' ? 1 : 0,
    reason: image === 'fail' ? 'Error' : 'Completed',
    finishedAt: now,
    ...(image === 'fail' && { message: 'no space left' }),
  }
  const status = isReady ? 'True' : 'False'
  return {
    phase: runs ? 'Running' : image === 'fail' ? 'Failed' : 'Succeeded',
    podIP,
    conditions: [{ type: 'Ready', status, lastTransitionTime: now }],
    containerStatuses: [
      {
        name: 'main',
        image,
        imageID: image,
        ready: isReady,
        restartCount: 0,
        state: runs ? { running: { startedAt: now } } : { terminated: ended },
      },
    ],
  }
}

function bare({ apiVersion, kind, metadata }: KubeObject): KubeObject {
  const { name, namespace = 'acme' } = metadata
  return { apiVersion, kind, metadata: { name, namespace } }
}

export function imageOf({ spec }: KubeObject): string {
  return JSON.stringify(spec).match(/"image":"([^"]+)"/)?.[1] ?? ''
}

export async function podsIn({ objects }: World): Promise<readonly KubeObject[]> {
  return (await objects.list({ ...kinds.pod, ...place })).items
}

export async function addressesIn({ objects }: World): Promise<readonly string[]> {
  const { items } = await objects.list({ ...kinds.endpointSlice, ...place })
  return items.flatMap((slice) => JSON.stringify(slice.endpoints).match(/127\.64\.1\.\d+/g) ?? [])
}

/** How many pods were ready, change by change, from now until asked. */
export function watchReady(world: World): () => Promise<readonly number[]> {
  const counts: number[] = []
  const halt = new AbortController()
  const watching = (async () => {
    const { items, resourceVersion } = await world.store.list({ ...kinds.pod, ...place })
    const ready = new Map(items.map((pod) => [pod.metadata.name, isTrue(pod, 'Ready')]))
    const query = { ...kinds.pod, ...place, resourceVersion, signal: halt.signal }
    for await (const { type, object } of world.store.watch(query)) {
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

export async function scale(world: World, replicas: number) {
  await world.patch(makeDeployment('a'), { spec: { replicas } })
}

/** As the pod runner does while a process lives: the deleted pod stays in sight. */
export async function holdBack(world: World, pod: KubeObject | undefined) {
  if (pod) await world.patch(pod, { metadata: { finalizers: [hold] } })
}

export async function letGo(world: World, pod: KubeObject | undefined) {
  if (pod) await world.patch(pod, { metadata: { finalizers: null } })
}

export function makeJob(name: string, image: string): KubeObject {
  const containers = [{ name: 'main', image }]
  return {
    ...kinds.job,
    metadata: { name, ...place },
    spec: { backoffLimit: 2, template: { spec: { restartPolicy: 'Never', containers } } },
  }
}

export function makeDeployment(
  image: string,
  spec: Readonly<Record<string, unknown>> = {},
): KubeObject {
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

export function makeService(): KubeObject {
  const ports = [{ name: 'http', port: 8069 }]
  return {
    ...kinds.service,
    metadata: { name: 'odoo', ...place },
    spec: { clusterIP: 'None', selector: { app: 'odoo' }, ports },
  }
}

export function makeRoute(): KubeObject {
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

export function claimOf(metadata: KubeObject['metadata']): KubeObject {
  const resources = { requests: { storage: '1Gi' } }
  return { ...kinds.claim, metadata, spec: { accessModes: ['ReadWriteOnce'], resources } }
}
