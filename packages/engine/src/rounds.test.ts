import { randomUUID } from 'node:crypto'
import { createKinds, StatusError } from '@pulse/api'
import { expect, onTestFinished, test } from 'vitest'
import { createManualClock } from './manual-clock.ts'
import type { Objects } from './objects.ts'
import { startRounds } from './rounds.ts'
import { silent } from './silent-log.suite.ts'
import { createMemoryObjects } from './store/memory.ts'
import { until } from './world.suite.ts'

const hour = 3_600_000
/** More than a page. */
const names = Array.from({ length: 120 }, (_, index) => `n${String(index).padStart(3, '0')}`)

test('each object has its turn, page by page, and no page is read before the last one is taken', async () => {
  const { turns, takeAll, lists } = await start()
  await until(async () => expect(turns()).toHaveLength(1))
  expect(lists()).toBe(1)
  takeAll()
  await until(async () => expect(turns()).toEqual(names))
})

test('the first round waits for what it has to wait for', async () => {
  const served = Promise.withResolvers<void>()
  const { turns, takeAll, lists } = await start((store) => store, served.promise)
  takeAll()
  await new Promise((resolve) => setImmediate(resolve))
  expect(lists()).toBe(0)
  served.resolve()
  await until(async () => expect(turns()).toEqual(names))
})

test('asked for again, all have another turn at once', async () => {
  const { turns, takeAll, rounds, clock } = await start()
  takeAll()
  await until(async () => expect(turns()).toHaveLength(120))
  rounds.again()
  await until(async () => expect(turns()).toEqual([...names, ...names]))

  // In the middle of a slow round as well.
  clock.advance(12 * hour)
  await until(async () => expect(turns()).toHaveLength(241))
  rounds.again()
  await until(async () => expect(turns().slice(241)).toEqual(names))
})

test('as many as there are by then share the hours of a round', async () => {
  const { turns, takeAll, store, clock } = await start()
  takeAll()
  await until(async () => expect(turns()).toHaveLength(120))
  for (const name of names) {
    const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: `later-${name}` } }
    await store.create(object, { fieldManager: 'test' })
  }
  clock.advance(12 * hour)
  for (let turn = 1; turn <= 240; turn += 1) {
    await until(async () => expect(turns()).toHaveLength(120 + turn))
    clock.advance(hour / 10)
  }
})

test('a store that is away, and one whose pages expire, leave nobody out', async () => {
  let refusals = 2
  const { turns, takeAll } = await start((store) => ({
    ...store,
    async list(query) {
      const refusal = query.continue === undefined ? undefined : refusals--
      if (refusal === 2) throw new StatusError('Expired', 'too old')
      if (refusal === 1) throw new StatusError('ServiceUnavailable', 'away')
      return store.list(query)
    },
  }))
  takeAll()
  await until(async () => expect(new Set(turns())).toEqual(new Set(names)))
  expect(refusals).toBeLessThan(1)
})

async function start(
  through: (store: Objects) => Objects = (store) => store,
  after?: Promise<void>,
) {
  const { findKind } = await createKinds()
  const clock = createManualClock()
  const store = createMemoryObjects({ kinds: findKind, now: clock.now, newUid: randomUUID })
  for (const name of names) {
    const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }
    await store.create(object, { fieldManager: 'test' })
  }
  const taken: string[] = []
  const gate = Promise.withResolvers<void>()
  const halt = new AbortController()
  onTestFinished(() => halt.abort())
  let lists = 0
  const objects = through(store)
  const rounds = startRounds({
    objects: {
      ...objects,
      list(query) {
        lists += 1
        return objects.list(query)
      },
    },
    ...{ kind: { apiVersion: 'v1', kind: 'Namespace' }, clock, log: silent, hours: 24 },
    after,
    add: (key) => taken.push(key.split('/').at(-1) ?? ''),
    room: () => gate.promise,
    random: () => 0.5,
    signal: halt.signal,
  })
  const ticking = setInterval(() => clock.advance(100), 1)
  onTestFinished(() => clearInterval(ticking))
  return { turns: () => taken, takeAll: gate.resolve, lists: () => lists, rounds, store, clock }
}
