import { randomUUID } from 'node:crypto'
import {
  apiVersionOf,
  createKinds,
  type KindDefinition,
  type KubeObject,
  type Log,
  type ObjectRef,
  refOf,
} from '@pulse/api'
import { vi } from 'vitest'
import { systemClock } from './clock.ts'
import { type Controller, type RunningControllers, runControllers } from './controller.ts'
import { createEventRecorder, type EventRecorder } from './events.ts'
import type { KindLookup, Objects, Relations, Store } from './objects.ts'
import { createMemoryObjects } from './store/memory.ts'

/** A store with controllers at work, and the outside played by the test. */
export interface World {
  /** As controllers see it. */
  readonly objects: Objects & Relations
  /** As it is. */
  readonly store: Objects & Relations
  readonly events: EventRecorder
  readonly clock: typeof systemClock
  readonly log: Log
  readonly logged: string[]
  /** Calls that would have changed something, by verb and object. */
  readonly writes: string[]
  readonly kinds: readonly KindDefinition[]
  run(...controllers: readonly Controller[]): Promise<RunningControllers>
  /** How often anybody has asked the store for anything. */
  calls(): number
  /** The test's own writes are not counted. */
  apply(object: KubeObject): Promise<KubeObject>
  patch(object: KubeObject, change: unknown): Promise<KubeObject>
  get(ref: ObjectRef): Promise<KubeObject>
  close(): Promise<void>
}

export type CreateStore = (kinds: KindLookup) => Promise<Store>

export const createMemoryStore: CreateStore = async (kinds) =>
  createMemoryObjects({ kinds, now: () => new Date(), newUid: () => randomUUID() })

const registry = createKinds()

export async function createWorld(createStore: CreateStore = createMemoryStore): Promise<World> {
  const { kinds, findKind } = await registry
  const store = await createStore(findKind)
  const writes: string[] = []
  const calls = { count: 0 }
  const objects = recordCalls(store.cached, writes, calls)
  const logged: string[] = []
  const log = recordLog(logged)
  const halt = new AbortController()
  const running: RunningControllers[] = []
  const events = createEventRecorder({
    objects,
    log,
    clock: systemClock,
    component: 'pulse-engine',
  })
  for (const name of ['crossplane-system', 'acme']) {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }
    await store.create(namespace, { fieldManager: 'test' })
  }
  return {
    objects,
    store,
    events,
    clock: systemClock,
    log,
    logged,
    writes,
    kinds,
    async run(...controllers) {
      const { signal } = halt
      const runtime = { objects, log, clock: systemClock, random: Math.random, signal }
      const started = await runControllers(controllers, runtime)
      running.push(started)
      return started
    },
    calls: () => calls.count,
    apply: (object) => store.apply(object, { fieldManager: 'test', force: true }),
    patch: (object, patch) =>
      store.patch(refOf(object), { type: 'merge', patch }, { fieldManager: 'test' }),
    async get(ref) {
      const object = await store.get(ref)
      if (!object) throw new Error(`${ref.kind} ${ref.name} is not there`)
      return object
    },
    async close() {
      halt.abort()
      for (const controllers of running) await controllers.stop()
      await store.close()
    },
  }
}

/** Waits until the claim holds; says why it never did. */
export function until(claim: () => Promise<unknown>): Promise<unknown> {
  return vi.waitFor(claim, { timeout: 4_500, interval: 5 })
}

/**
 * Waits until nobody has asked the store for anything for a while: what had to happen has happened. Only for saying
 * that something does not happen; what does happen is waited for with `until`.
 */
export async function quiet(world: World): Promise<void> {
  let before = -1
  await vi.waitFor(
    () => {
      const now = world.calls()
      const isQuiet = now === before
      before = now
      if (!isQuiet) throw new Error('still at work')
    },
    { timeout: 10_000, interval: 100 },
  )
}

export const namespacedKindsOf = ({ kinds }: World) =>
  kinds
    .filter(({ namespaced }) => namespaced)
    .map((kind) => ({ apiVersion: apiVersionOf(kind), kind: kind.kind }))

function recordCalls<Recorded extends Objects>(
  store: Recorded,
  writes: string[],
  calls: { count: number },
): Recorded {
  const note = (verb: string, { kind, name }: { kind: string; name: string }) => {
    calls.count += 1
    writes.push(`${verb} ${kind} ${name}`)
  }
  const named = ({ kind, metadata }: KubeObject) => ({ kind, name: metadata.name })
  return {
    ...store,
    get(ref) {
      calls.count += 1
      return store.get(ref)
    },
    list(query) {
      calls.count += 1
      return store.list(query)
    },
    create(object, options) {
      note('create', named(object))
      return store.create(object, options)
    },
    update(object, options) {
      note('update', named(object))
      return store.update(object, options)
    },
    patch(ref, patch, options) {
      note('patch', ref)
      return store.patch(ref, patch, options)
    },
    apply(object, options) {
      const { subresource } = options
      note(subresource === undefined ? 'apply' : `apply ${subresource} of`, named(object))
      return store.apply(object, options)
    },
    delete(ref, options) {
      note('delete', ref)
      return store.delete(ref, options)
    },
  }
}

function recordLog(lines: string[]): Log {
  const write = (facts: object, message: string) => {
    const error = 'err' in facts && facts.err instanceof Error ? `: ${facts.err.message}` : ''
    lines.push(`${message}${error}`)
  }
  const log: Log = { debug: () => {}, info: () => {}, warn: write, error: write, child: () => log }
  return log
}
