import { randomUUID } from 'node:crypto'
import { createClientKinds, type KubeObject, StatusError } from '@pulse/api'
import { createMemoryObjects, type Objects } from '@pulse/engine'
import { beforeEach, expect, test } from 'vitest'
import { exitCodes } from '../exit.ts'
import { findCondition } from './conditions.ts'
import { waitUntil, waitUntilGone } from './wait-until.ts'

const { findKind } = createClientKinds()
const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'acme' }
const write = { fieldManager: 'test' }
const never = new AbortController().signal
const limits = { timeoutMs: 60_000, signal: never }

let store: Objects
beforeEach(() => {
  store = createMemoryObjects({ kinds: findKind, now: () => new Date(), newUid: randomUUID })
  return () => store.close()
})

function withData(state: string): KubeObject {
  const { name, namespace } = ref
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: { state } }
}

function isDone(object: KubeObject | undefined): boolean {
  return JSON.stringify(object?.data) === '{"state":"done"}'
}

test('what holds already is not waited for', async () => {
  await store.create(withData('done'), write)
  expect(await waitUntil(store, ref, { ...limits, holds: isDone })).toMatchObject({
    kind: 'ConfigMap',
  })
})

test('an object that comes later, and changes later, is seen', async () => {
  const states: unknown[] = []
  const waiting = waitUntil(store, ref, {
    ...limits,
    holds(object) {
      states.push(object?.data)
      if (object === undefined) void store.create(withData('begun'), write)
      else if (!isDone(object)) void store.update(withData('done'), write)
      return isDone(object)
    },
  })
  expect(await waiting).toMatchObject({ data: { state: 'done' } })
  expect(states).toEqual([undefined, { state: 'begun' }, { state: 'done' }])
})

test('an object that is deleted is gone', async () => {
  await store.create(withData('done'), write)
  const gone = waitUntilGone(store, ref, limits)
  await store.delete(ref)
  await gone
})

test.each(['Expired', 'ServiceUnavailable'] as const)(
  'after %s it looks again, and misses nothing that happened meanwhile',
  async (reason) => {
    await store.create(withData('begun'), write)
    let watches = 0
    const restarting: Pick<Objects, 'list' | 'watch'> = {
      list: (query) => store.list(query),
      async *watch(query) {
        watches += 1
        if (watches > 1) return yield* store.watch(query)
        await store.update(withData('done'), write)
        throw new StatusError(reason, 'the connection is lost')
      },
    }
    expect(await waitUntil(restarting, ref, { ...limits, holds: isDone })).toBeDefined()
  },
)

test('a refusal that will not pass ends the wait', async () => {
  const closed: Pick<Objects, 'list' | 'watch'> = {
    list: () => Promise.reject(new StatusError('Forbidden', 'not yours')),
    watch: (query) => store.watch(query),
  }
  await expect(waitUntil(closed, ref, { ...limits, holds: isDone })).rejects.toThrow('not yours')
})

test('an API that never answers costs no more than the time that was given', async () => {
  const silent: Pick<Objects, 'list' | 'watch'> = {
    list: ({ signal }) =>
      new Promise((_, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason))
      }),
    watch: (query) => store.watch(query),
  }
  const wait = waitUntil(silent, ref, { timeoutMs: 1, signal: never, holds: isDone })
  await expect(wait).rejects.toMatchObject({ exitCode: exitCodes.timeout })
})

test('Ctrl-C ends the wait', async () => {
  const interrupted = new AbortController()
  const wait = waitUntil(store, ref, {
    timeoutMs: 60_000,
    signal: interrupted.signal,
    holds() {
      interrupted.abort()
      return false
    },
  })
  await expect(wait).rejects.toMatchObject({ exitCode: exitCodes.interrupted })
})

test.each([
  ['of the status', { observedGeneration: 1, conditions: [{ type: 'Ready', status: 'True' }] }],
  [
    'of the condition itself',
    {
      observedGeneration: 2,
      conditions: [{ type: 'Ready', status: 'True', observedGeneration: 1 }],
    },
  ],
])('a condition counts only when the generation %s is the newest', (_whose, status) => {
  const object = { apiVersion: 'v1', kind: 'X', metadata: { name: 'a', generation: 2 }, status }
  expect(findCondition(object, 'ready')).toBeUndefined()
  const metadata = { ...object.metadata, generation: 1 }
  expect(findCondition({ ...object, metadata }, 'ready')).toMatchObject({ status: 'True' })
})

test('a condition of an object that tells no generation counts', () => {
  const status = { conditions: [{ type: 'Ready', status: 'True' }] }
  const object = { apiVersion: 'v1', kind: 'X', metadata: { name: 'a', generation: 2 }, status }
  expect(findCondition(object, 'Ready')).toMatchObject({ status: 'True' })
})
