import { randomUUID } from 'node:crypto'
import { apiVersion, createKinds, type KubeObject, keyOf, refOf } from '@pulse/api'
import { labelKeys } from '@pulse/compositions'
import {
  type Controller,
  createEventRecorder,
  runControllers,
  runGarbageCollector,
  type Store,
  systemClock,
} from '@pulse/engine'
import { createLog, createMetrics } from '@pulse/service'
import { lifePatch, readLifeRecord } from '../../../apps/pulse/src/routing/life-record.ts'
import { type EngineDeps, runEngine } from '../../../apps/pulse/src/server/engine.ts'
import { metricDefinitions } from '../../../apps/pulse/src/server/metrics.ts'
import type { Backend } from '../../../packages/engine/src/store/backend.ts'
import { createStore } from '../../../packages/engine/src/store/create-store.ts'
import { createMemoryBackend } from '../../../packages/engine/src/store/memory.ts'
import { isReady, until } from '../pulse.ts'
import { playNode } from './play-node.ts'

/** An object as the store has it, with the names that it holds. */
export interface StoredObject {
  readonly object: KubeObject
  readonly names: readonly string[]
}

export interface MakingOptions extends Pick<EngineDeps, 'runtimes' | 'parameters' | 'machine'> {
  /** What the installation has besides tenants. */
  readonly base: readonly KubeObject[]
}

/**
 * An instance that has been made, opened once and put to sleep, as all controllers leave it: these run over a store in
 * memory, on a machine that is played. The answer is what has come to stand in the store for it.
 */
export async function makeTenant(
  label: string,
  { base, ...options }: MakingOptions,
): Promise<readonly StoredObject[]> {
  const registry = await createKinds()
  const backend = createMemoryBackend(100_000)
  const written = await putAll(backend, base)
  const own = noting(backend, written)
  const now = () => new Date()
  const store = createStore(own, { kinds: registry.findKind, now, newUid: () => randomUUID() })
  const halt = new AbortController()
  const log = createLog('error')
  const clock = systemClock
  const { signal } = halt
  const events = createEventRecorder({ objects: store, log, clock, component: 'pulse-engine' })
  const metrics = await createMetrics(metricDefinitions)
  const engine = await runEngine({
    ...{ ...options, objects: store, events, metrics, clock, log, signal },
    kinds: registry.kinds,
  })
  const node = await runControllers([playNode(store), sleeper(store)], {
    ...{ objects: store, log, clock, random: Math.random, signal },
  })
  const collector = await runGarbageCollector({
    ...{ objects: store, kinds: registry.kinds, log, signal },
  })
  await store.create(clientOf(label), { fieldManager: 'bench' })
  await until(`${label} sleeps`, async () => ((await isAsleep()) ? true : undefined), 50)
  await until('nothing is written any more', isQuiet(backend), 300)
  halt.abort()
  await Promise.all([engine.stop(), node.stop(), collector.stop()])
  await store.close()
  const known = new Set(base.map((object) => keyOf(refOf(object))))
  return [...written.values()].filter(
    ({ object }) =>
      object.kind !== 'Event' && !isOfPool(object) && !known.has(keyOf(refOf(object))),
  )

  async function isAsleep() {
    const clients = await store.list({ apiVersion, kind: 'PLANAClient' })
    const pods = await store.list({ apiVersion: 'v1', kind: 'Pod' })
    const jobs = await store.list({ apiVersion: 'batch/v1', kind: 'Job' })
    return clients.items.every(isReady) && pods.items.every(isOfPool) && jobs.items.length === 0
  }
}

function isOfPool({ metadata }: KubeObject): boolean {
  return metadata.name.startsWith('worker-')
}

function isQuiet(backend: Backend) {
  let before = -1
  return async () => {
    const now = backend.feed.position()
    const isSame = now === before
    before = now
    return isSame ? true : undefined
  }
}

function clientOf(label: string): KubeObject {
  return {
    apiVersion,
    kind: 'PLANAClient',
    metadata: { name: label },
    spec: {
      ...{ subdomain: label, projectId: 1, tier: 'pro', hosting: 'instance' },
      ...{ ownerEmail: 'owner@example.com', ownerName: `Company ${label}` },
    },
  }
}

/** As a gateway puts to sleep what nobody uses. */
function sleeper(store: Store): Controller {
  return {
    name: 'bench-sleeper',
    primary: { apiVersion, kind: 'TenantEnvironment' },
    watches: [],
    async reconcile(environment) {
      if (!isReady(environment)) return undefined
      const workers = { apiVersion: 'apps/v1', kind: 'Deployment' }
      const { items } = await store.list({
        ...workers,
        labelSelector: `${labelKeys.tier}=instance`,
      })
      const isOf = ({ metadata }: KubeObject) =>
        `${metadata.name.replace(/^odoo-/, '')}-prod` === environment.metadata.name
      const deployment = items.find(isOf)
      const record = deployment && readLifeRecord(deployment)
      if (deployment === undefined || record === undefined || record.state === 'down') {
        return undefined
      }
      const down = { ...record, state: 'down', words: [], generation: 1 } as const
      const patch = lifePatch(down, deployment.metadata.resourceVersion ?? '')
      await store.patch(
        refOf(deployment),
        { type: 'merge', patch },
        { fieldManager: 'pulse-gateway' },
      )
      return undefined
    },
  }
}

async function putAll(backend: Backend, base: readonly KubeObject[]) {
  await backend.transact(
    async (transaction) => {
      for (const object of base) await transaction.put({ object, previous: undefined })
    },
    { keep: true },
  )
  return new Map<string, StoredObject>()
}

/** Keeps what stands in the store, with the names that each object holds. */
function noting(backend: Backend, written: Map<string, StoredObject>): Backend {
  return {
    ...backend,
    transact: (work, options) =>
      backend.transact(
        (inner) =>
          work({
            ...inner,
            async put(write) {
              const object = await inner.put(write)
              const key = keyOf(refOf(object))
              const names = write.names ?? written.get(key)?.names ?? []
              written.set(key, { object, names })
              return object
            },
            async remove(object, previous) {
              written.delete(keyOf(refOf(object)))
              return inner.remove(object, previous)
            },
          }),
        options,
      ),
  }
}
