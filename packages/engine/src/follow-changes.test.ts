import { randomUUID } from 'node:crypto'
import { createKinds, StatusError } from '@pulse/api'
import { expect, test } from 'vitest'
import { systemClock } from './clock.ts'
import { followChanges } from './follow-changes.ts'
import { silent } from './silent-log.suite.ts'
import { createMemoryObjects } from './store/memory.ts'
import { until } from './world.suite.ts'

const maps = { apiVersion: 'v1', kind: 'ConfigMap' }
const map = (name: string, data = {}) => ({
  ...maps,
  metadata: { name, namespace: 'default' },
  data,
})
const manager = { fieldManager: 'test' }

test('what comes, changes and goes is told with what it was before; what was there is not', async () => {
  const { store, told, synced, stop } = await follow()
  await synced
  await store.create(map('new', { a: '1' }), manager)
  await store.update(map('new', { a: '2' }), manager)
  await store.delete({ ...maps, namespace: 'default', name: 'new' })
  await until(async () =>
    expect(told).toEqual(['new {"a":"1"}', 'new {"a":"2"} was {"a":"1"}', 'new {"a":"2"} gone']),
  )
  await stop()
})

test('a gap is told as one, and what comes after it is heard', async () => {
  const { store, told, synced, stop, cut } = await follow()
  await synced
  cut.abort()
  await until(async () => expect(told).toEqual(['gap']))
  await store.create(map('after'), manager)
  await until(async () => expect(told).toEqual(['gap', 'after {}']))
  await stop()
})

/** A store with one object; its first watch ends with 410 when it is cut. */
async function follow() {
  const { findKind } = await createKinds()
  const now = () => new Date()
  const store = createMemoryObjects({ kinds: findKind, now, newUid: randomUUID })
  await store.create(map('before'), manager)
  const cut = new AbortController()
  const halt = new AbortController()
  const told: string[] = []
  const source = followChanges(maps, {
    objects: {
      ...store,
      async *watch(query) {
        if (cut.signal.aborted) return yield* store.watch(query)
        yield* store.watch({ ...query, signal: AbortSignal.any([query.signal, cut.signal]) })
        if (!query.signal.aborted) throw new StatusError('Expired', 'too old')
      },
    },
    ...{ log: silent, clock: systemClock, random: () => 0, signal: halt.signal },
    onChange({ object: { metadata, data }, gone, previous }) {
      const was = previous && !gone ? ` was ${JSON.stringify(previous.data)}` : ''
      told.push(`${metadata.name} ${JSON.stringify(data)}${gone ? ' gone' : was}`)
    },
    onGap: () => told.push('gap'),
  })
  const stop = () => {
    halt.abort()
    return source.ended
  }
  return { store, told, synced: source.synced, stop, cut }
}
