import { randomUUID } from 'node:crypto'
import { createKinds, type KubeObject, type Log, recordOf, refOf } from '@pulse/api'
import { type Clock, createMemoryObjects, type Objects, type PodMemory } from '@pulse/engine'
import { createMetrics } from '@pulse/service'
import { expect, onTestFinished, test, vi } from 'vitest'
import { metricDefinitions } from '../metrics.ts'
import { lookEveryMs, recycleWorkers } from './recycle-workers.ts'

const place = { namespace: 'plana-odoo-18' }
const gigabyte = 2 ** 30
const pauseMs = 600_000
const draining = '{"generation":1,"state":"draining","words":["gateway"],"since":0}'
const soon = { interval: 1 }

test('workers that have grown are restarted as kubectl does it, and it is said why', async () => {
  const site = await openSite()
  site.use(3.1)
  await site.look()
  expect(site.restarts()).toEqual(['2026-01-01T00:00:20Z'])
  expect(site.told).toEqual([
    'Deployment worker-odoo Recycling: a worker used more than 75% of its memory limit: a new one takes its place',
  ])
})

test('what was replaced is counted, by hosting and major of Odoo', async () => {
  const site = await openSite()
  await site.look()
  expect(await site.counted()).toEqual([])
  site.use(3.1)
  await site.look()
  expect(await site.counted()).toEqual([
    'pulse_recycled_workers_total{hosting="pool",major="18"} 1',
  ])
  // While the new ones come nothing more is replaced.
  await site.look()
  expect(await site.counted()).toHaveLength(1)
})

test('of several workers all are replaced, and counted', async () => {
  const labels = { 'platxa.io/tier': 'instance', 'planapulse.com/odoo-version': '17' }
  const site = await openSite({ labels })
  await site.setSpec({ replicas: 3 })
  await site.setStatus({ replicas: 3, updatedReplicas: 3, availableReplicas: 3 })
  site.use(3.1)
  await site.look()
  expect(await site.counted()).toEqual([
    'pulse_recycled_workers_total{hosting="instance",major="17"} 3',
  ])
})

test('what is within its limit stays', async () => {
  const site = await openSite()
  site.use(3)
  await site.look()
  expect(site.restarts()).toEqual([])
})

test('while workers come or go nothing is begun', async () => {
  const site = await openSite()
  site.use(3.1)
  await site.setStatus({ replicas: 2, updatedReplicas: 1, availableReplicas: 1 })
  await site.look()
  await site.setStatus({ replicas: 1, updatedReplicas: 1, availableReplicas: 0 })
  await site.look()
  await site.setStatus({ observedGeneration: 0 })
  await site.look()
  expect(site.restarts()).toEqual([])
  await site.setStatus({})
  await site.look()
  expect(site.restarts()).toHaveLength(1)
})

test('a worker that is large again and again is replaced once in a pause', async () => {
  const site = await openSite()
  site.use(3.1)
  for (let at = 0; at < 2 * pauseMs; at += lookEveryMs) {
    await site.look()
    await site.setStatus({})
  }
  expect(site.restarts()).toEqual(['2026-01-01T00:00:20Z', '2026-01-01T00:10:20Z'])
})

test('a restart by hand counts as one', async () => {
  const site = await openSite()
  site.use(3.1)
  await site.restartByHand('2026-01-01T00:00:10Z')
  await site.look()
  expect(site.restarts()).toEqual([])
})

test('workers that fall asleep, sleep, or are paused are left alone', async () => {
  const site = await openSite()
  site.use(3.1)
  await site.annotate({ 'planapulse.com/life': draining })
  await site.look()
  await site.annotate({ 'planapulse.com/life': draining.replace('draining', 'up') })
  await site.setSpec({ replicas: 0 })
  await site.setStatus({ replicas: 0, updatedReplicas: 0, availableReplicas: 0 })
  await site.look()
  await site.setSpec({ replicas: 1, paused: true })
  await site.setStatus({})
  await site.look()
  expect(site.restarts()).toEqual([])
})

test('what is no worker of Odoo is none of its business', async () => {
  const site = await openSite({ labels: { 'platxa.io/tier': 'other' } })
  site.use(3.1)
  await site.look()
  expect(site.restarts()).toEqual([])
})

test('what is told of a pod of the same name from before is no news', async () => {
  const site = await openSite()
  site.use(3.1, 'another-uid')
  await site.look()
  expect(site.restarts()).toEqual([])
})

test('at a hundred percent nothing is replaced, enforced or not', async () => {
  const site = await openSite({ softPercent: 100 })
  site.use(5)
  await site.pass()
  expect(site.restarts()).toEqual([])
})

test('memory that cannot be told now is asked for the next time', async () => {
  const site = await openSite()
  site.failOnce()
  site.use(3.1)
  await site.look()
  expect(site.restarts()).toEqual([])
  await site.look()
  expect(site.restarts()).toHaveLength(1)
})

interface SiteOptions {
  readonly labels?: Readonly<Record<string, string>>
  readonly softPercent?: number
}

const ofPool = { 'platxa.io/tier': 'pool', 'planapulse.com/odoo-version': '18' }

/** A pool of one worker on a clock that stands still, and the look at its memory. */
async function openSite({ labels = ofPool, softPercent = 75 }: SiteOptions = {}) {
  const { findKind } = await createKinds()
  const clock = createStillClock()
  const store = createMemoryObjects({ kinds: findKind, now: clock.now, newUid: randomUUID })
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: place.namespace } }
  await store.create(namespace, { fieldManager: 'test' })
  const deployment = await store.create(makeDeployment(labels), { fieldManager: 'test' })
  const replicaSet = await store.create(makeReplicaSet(deployment), { fieldManager: 'test' })
  const pod = await store.create(makePod(replicaSet), { fieldManager: 'test' })
  const ref = refOf(deployment)

  async function patch(change: Readonly<Record<string, unknown>>, subresource?: 'status') {
    const options = { fieldManager: 'test', ...(subresource && { subresource }) }
    await store.patch(ref, { type: 'merge', patch: change }, options)
  }
  async function setStatus(change: Readonly<Record<string, number>>) {
    const now = await store.get(ref)
    const all = { replicas: 1, updatedReplicas: 1, availableReplicas: 1 }
    const status = { ...all, observedGeneration: now?.metadata.generation, ...change }
    await patch({ status }, 'status')
  }
  await setStatus({})

  const restarts: string[] = []
  const told: string[] = []
  let use: readonly PodMemory[] = []
  let isFailing = false
  let looks = 0
  const halt = new AbortController()
  const metrics = await createMetrics(metricDefinitions)
  const objects: Pick<Objects, 'get' | 'patch'> = {
    get: store.get,
    async patch(target, change, options) {
      const patched = await store.patch(target, change, options)
      restarts.push(restartOf(patched))
      return patched
    },
  }
  const running = recycleWorkers({
    memory() {
      looks += 1
      const fails = isFailing
      isFailing = false
      return fails ? Promise.reject(new Error('not now')) : Promise.resolve(use)
    },
    limits: { softPercent, pauseMs },
    objects,
    events: {
      async record({ kind, metadata }, { reason, message }) {
        told.push(`${kind} ${metadata.name} ${reason}: ${message}`)
      },
      async expire() {},
    },
    metrics,
    clock,
    log: silent,
    signal: halt.signal,
  })
  onTestFinished(async () => {
    halt.abort()
    await running
  })
  async function pass() {
    clock.advance(lookEveryMs)
    await vi.waitFor(() => expect(clock.waits()).toBe(true), soon)
  }
  return {
    told,
    restarts: () => restarts,
    async counted() {
      const lines = (await metrics.text()).split('\n')
      return lines.filter((line) => line.startsWith('pulse_recycled_workers_total{'))
    },
    setStatus,
    annotate: (annotations: Readonly<Record<string, string | null>>) =>
      patch({ metadata: { annotations } }),
    setSpec: (spec: Readonly<Record<string, unknown>>) => patch({ spec }),
    async restartByHand(at: string) {
      const annotations = { 'kubectl.kubernetes.io/restartedAt': at }
      await patch({ spec: { template: { metadata: { annotations } } } })
      await setStatus({})
    },
    use(gigabytes: number, uid = pod.metadata.uid ?? '') {
      const { name } = pod.metadata
      const usedBytes = gigabytes * gigabyte
      use = [{ ...place, name, uid, usedBytes, limitBytes: 4 * gigabyte }]
    },
    failOnce() {
      isFailing = true
    },
    /** Lets the time of one look pass: it is over when the next one is waited for. */
    pass,
    async look() {
      const before = looks
      await pass()
      expect(looks).toBe(before + 1)
    },
  }
}

function restartOf({ spec }: KubeObject): string {
  const { annotations } = recordOf(recordOf(recordOf(spec).template).metadata)
  return String(recordOf(annotations)['kubectl.kubernetes.io/restartedAt'])
}

const selector = { app: 'worker-odoo' }
const template = {
  metadata: { labels: selector },
  spec: { containers: [{ name: 'odoo', image: 'base-18' }] },
}

function makeDeployment(labels: Readonly<Record<string, string>>): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'worker-odoo', ...place, labels },
    spec: { replicas: 1, selector: { matchLabels: selector }, template },
  }
}

function makeReplicaSet(owner: KubeObject): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'worker-odoo-1', ...place, ownerReferences: [ownedBy(owner)] },
    spec: { replicas: 1, selector: { matchLabels: selector }, template },
  }
}

function makePod(owner: KubeObject): KubeObject {
  const metadata = { name: 'worker-odoo-1-a', ...place, ownerReferences: [ownedBy(owner)] }
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: template.spec }
}

function ownedBy({ apiVersion, kind, metadata: { name, uid = '' } }: KubeObject) {
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true }
}

function createStillClock(): Clock & {
  advance(milliseconds: number): void
  waits(): boolean
} {
  let now = Date.parse('2026-01-01T00:00:00Z')
  const timers = new Set<{ readonly at: number; readonly run: () => void }>()
  return {
    now: () => new Date(now),
    elapsed: () => now,
    after(milliseconds, run) {
      const timer = { at: now + milliseconds, run }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    advance(milliseconds) {
      now += milliseconds
      for (const timer of timers) {
        if (timer.at > now) continue
        timers.delete(timer)
        timer.run()
      }
    },
    waits: () => timers.size > 0,
  }
}

const silent: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silent,
}
