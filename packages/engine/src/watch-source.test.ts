import { randomUUID } from 'node:crypto'
import { createKinds, type KubeObject, StatusError } from '@pulse/api'
import { expect, test } from 'vitest'
import { systemClock } from './clock.ts'
import type { Objects } from './objects.ts'
import { silent } from './silent-log.suite.ts'
import { createMemoryObjects } from './store/memory.ts'
import { followKind } from './watch-source.ts'
import { until } from './world.suite.ts'

const maps = { apiVersion: 'v1', kind: 'ConfigMap' }
const map = (name: string) => ({ ...maps, metadata: { name, namespace: 'default' } })
const manager = { fieldManager: 'test' }

test('after a gap everything is listed anew, what vanished in it is told, and the gap is said', async () => {
  const store = await createStore()
  await store.create(map('stays'), manager)
  await store.create(map('vanishes'), manager)
  const cut = new AbortController()
  const faulty = cutOnce(store, cut.signal)
  const { changes, gaps, stop, synced } = follow(faulty)
  await synced
  expect(changes).toEqual(['default/stays', 'default/vanishes'])

  cut.abort()
  await until(async () => expect(changes).toContain('default/vanishes gone'))
  await store.create(map('comes'), manager)
  await until(async () => expect(changes).toContain('default/comes'))
  expect(changes.filter((change) => change.endsWith('gone'))).toEqual(['default/vanishes gone'])
  expect(gaps()).toBe(1)
  await stop()
})

test('a store that cannot be asked at first is asked again', async () => {
  const store = await createStore()
  await store.create(map('a'), manager)
  let failures = 2
  const { changes, stop, synced } = follow({
    ...store,
    list(query) {
      failures -= 1
      if (failures >= 0) throw new Error('connection refused')
      return store.list(query)
    },
  })
  await synced
  expect(changes).toEqual(['default/a'])
  await stop()
})

function follow(objects: Objects) {
  const halt = new AbortController()
  const changes: string[] = []
  let gapCount = 0
  const source = followKind(maps, {
    objects,
    log: silent,
    clock: systemClock,
    random: () => 0,
    signal: halt.signal,
    onChange: ({ metadata: { namespace, name } }: KubeObject, gone) =>
      changes.push(`${namespace}/${name}${gone ? ' gone' : ''}`),
    onGap: () => {
      gapCount += 1
    },
  })
  const stop = () => {
    halt.abort()
    return source.ended
  }
  return { changes, gaps: () => gapCount, stop, synced: source.synced }
}

/** The first watch ends with 410 when the signal says so, as one that fell behind: a deletion goes unheard. */
function cutOnce(store: Objects, cut: AbortSignal): Objects {
  return {
    ...store,
    async *watch(query) {
      if (cut.aborted) return yield* store.watch(query)
      yield* store.watch({ ...query, signal: AbortSignal.any([query.signal, cut]) })
      if (query.signal.aborted) return
      await store.delete({ ...maps, namespace: 'default', name: 'vanishes' })
      throw new StatusError('Expired', 'too old')
    },
  }
}

async function createStore(): Promise<Objects> {
  const { findKind } = await createKinds()
  return createMemoryObjects({ kinds: findKind, now: () => new Date(), newUid: () => randomUUID() })
}
