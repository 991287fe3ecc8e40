import { expect, test } from 'vitest'
import { createManualClock } from '../manual-clock.suite.ts'
import { silent } from '../silent-log.suite.ts'
import { createEnvironmentHistory } from './environment-history.ts'
import { createHistories, type HistoryLimits } from './histories.ts'
import type { HistoryStore } from './history-store.ts'
import { stringifyHistory, type Wake } from './saved-history.ts'

const wake: Wake = { atMs: 1_000, cause: 'request', temperature: 'cold', durationMs: 700 }

function memoryStore() {
  const texts = new Map<string, string>()
  const store: HistoryStore = {
    load: async (environment) => texts.get(environment),
    save: async (environment, text) => void texts.set(environment, text),
    remove: async (environment) => void texts.delete(environment),
  }
  return { texts, store }
}

function histories(store: HistoryStore | undefined, more: Partial<HistoryLimits> = {}) {
  const clock = createManualClock()
  const usual = { saveMs: 60_000, roundMs: 1_000, storeTimeoutMs: 1_000, rememberedMax: 10 }
  const limits = { ...usual, ...more }
  const uids = new Map<string, string | undefined>()
  const uidOf = (name: string) => (uids.has(name) ? uids.get(name) : 'first')
  return {
    clock,
    /** Which environment has a name now: the first one where nothing else is said. */
    uids,
    all: createHistories({ store, uidOf, clock, now: clock.now, log: silent, limits }),
  }
}

test('what a tenant’s wakes took is known again after a restart', async () => {
  const { store } = memoryStore()
  const first = histories(store)
  first.all.addWake('acme-prod', wake)
  await first.all.loaded('acme-prod')
  await first.all.close()
  const second = histories(store)
  expect(second.all.of('acme-prod')).toBeUndefined()
  await second.all.loaded('acme-prod')
  expect(second.all.of('acme-prod')?.wakeTimes()?.p50Ms).toBe(700)
})

test('it is written now and then, and only when there is something new', async () => {
  const { store, texts } = memoryStore()
  const { all, clock } = histories(store)
  all.countActivity('acme-prod')
  await all.loaded('acme-prod')
  expect(texts.size).toBe(0)
  await clock.advance(60_000)
  expect(texts.size).toBe(1)
  texts.clear()
  await clock.advance(120_000)
  expect(texts.size).toBe(0)
})

test('a store that cannot be read is not written over', async () => {
  const { store, texts } = memoryStore()
  texts.set('acme-prod', 'kept')
  const broken = { ...store, load: () => Promise.reject(new Error('no disk')) }
  const { all } = histories(broken)
  all.addWake('acme-prod', wake)
  await all.loaded('acme-prod')
  await all.close()
  expect(texts.get('acme-prod')).toBe('kept')
})

/** A store whose answers come when the test says so, in the order of the questions. */
function slowStore() {
  const asked: PromiseWithResolvers<string | undefined>[] = []
  const { store } = memoryStore()
  const load = () => {
    const question = Promise.withResolvers<string | undefined>()
    asked.push(question)
    return question.promise
  }
  return { asked, store: { ...store, load } }
}

function savedWith(wakes: readonly Wake[]): string {
  return stringifyHistory({ ...createEnvironmentHistory().save(), wakes }, 'first')
}

test('what was asked for one that has gone is not told of the next of its name', async () => {
  const { asked, store } = slowStore()
  const { all } = histories(store)
  const loadedBefore = all.loaded('acme-prod')
  all.remove('acme-prod')
  const loaded = all.loaded('acme-prod')
  asked[1]?.resolve(undefined)
  await loaded
  asked[0]?.resolve(savedWith([wake]))
  await loadedBefore
  expect(all.of('acme-prod')?.wakes).toEqual([])
})

test('what could not be read of one that has gone takes nothing from the next of its name', async () => {
  const { asked, store } = slowStore()
  const { all } = histories(store)
  const loadedBefore = all.loaded('acme-prod')
  all.remove('acme-prod')
  all.addWake('acme-prod', wake)
  asked[1]?.resolve(undefined)
  await all.loaded('acme-prod')
  asked[0]?.reject(new Error('no disk'))
  await loadedBefore
  expect(all.of('acme-prod')?.wakes).toEqual([wake])
})

test('a tenant that takes the name of a deleted one takes nothing of its history', async () => {
  const { store, texts } = memoryStore()
  texts.set('acme-prod', savedWith([wake]))
  const { all, uids } = histories(store)
  await all.loaded('acme-prod')
  expect(all.of('acme-prod')?.wakes).toEqual([wake])
  uids.set('acme-prod', 'second')
  await all.loaded('acme-prod')
  expect(all.of('acme-prod')?.wakes).toEqual([])
})

test('nothing of a deleted tenant is kept, in the store or in memory', async () => {
  const { store, texts } = memoryStore()
  const { all, uids } = histories(store)
  for (const name of ['acme-prod', 'beta-prod']) {
    all.addWake(name, wake)
    await all.loaded(name)
  }
  await all.close()
  expect([...texts.keys()]).toEqual(['acme-prod', 'beta-prod'])
  all.addWake('acme-prod', wake)
  uids.set('acme-prod', undefined)
  all.remove('acme-prod')
  await all.close()
  expect([...texts.keys()]).toEqual(['beta-prod'])
})

test('a request that ends after its tenant was deleted leaves nothing behind', async () => {
  const { store, texts } = memoryStore()
  const { all, uids } = histories(store)
  uids.set('acme-prod', undefined)
  all.countActivity('acme-prod')
  await all.loaded('acme-prod')
  expect(all.of('acme-prod')).toBeUndefined()
  await all.close()
  expect(texts.size).toBe(0)
})

test('those that nobody visits any more take no memory', async () => {
  const { store, texts } = memoryStore()
  const { all, clock } = histories(store, { rememberedMax: 1 })
  for (const name of ['a-prod', 'b-prod', 'c-prod']) {
    all.addWake(name, wake)
    await all.loaded(name)
  }
  await clock.advance(120_000)
  expect(texts.size).toBe(3)
  expect(all.of('a-prod')).toBeUndefined()
  await all.loaded('a-prod')
  expect(all.of('a-prod')?.wakes).toHaveLength(1)
})

test('those beyond the bound give way at once, and are saved before', async () => {
  const { store, texts } = memoryStore()
  const { all } = histories(store, { rememberedMax: 2 })
  for (const name of ['a-prod', 'b-prod', 'c-prod', 'd-prod']) {
    all.addWake(name, wake)
    await all.loaded(name)
  }
  expect([...texts.keys()]).toEqual(['a-prod', 'b-prod'])
  await all.close()
  expect(texts.size).toBe(4)
})

test('those that are in use are the last to give way', async () => {
  const { store } = memoryStore()
  const { all, clock } = histories(store, { rememberedMax: 2 })
  for (const name of ['a-prod', 'b-prod']) await all.loaded(name)
  all.addWake('a-prod', wake)
  await clock.advance(60_000)
  await all.loaded('c-prod')
  expect(all.of('a-prod')?.wakes).toEqual([wake])
})

test('what cannot be read is asked for again with the next saving, and not by every visitor', async () => {
  const { store, texts } = memoryStore()
  texts.set('acme-prod', savedWith([wake]))
  let asked = 0
  const broken: HistoryStore = {
    ...store,
    async load(environment, signal) {
      asked += 1
      if (asked === 1) throw new Error('no disk')
      return await store.load(environment, signal)
    },
  }
  const { all, clock } = histories(broken)
  for (let visitor = 0; visitor < 5; visitor += 1) await all.loaded('acme-prod')
  expect(asked).toBe(1)
  await clock.advance(60_000)
  await all.loaded('acme-prod')
  expect(all.of('acme-prod')?.wakes).toEqual([wake])
})

test('a store that hangs does not hold the end of the gateway, whatever there is to save', async () => {
  const { store } = memoryStore()
  const hang = (signal: AbortSignal) =>
    new Promise<void>((_, reject) => {
      if (signal.aborted) reject(signal.reason)
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    })
  const hanging: HistoryStore = {
    ...store,
    save: (_environment, _text, signal) => hang(signal),
    remove: (_environment, signal) => hang(signal),
  }
  const limits = { roundMs: 5, storeTimeoutMs: 20, rememberedMax: 5_000 }
  const { all } = histories(hanging, limits)
  for (let index = 0; index < 5_000; index += 1) {
    all.addWake(`tenant-${index}-prod`, wake)
    await all.loaded(`tenant-${index}-prod`)
  }
  all.remove('tenant-0-prod')
  await all.close()
})

test('without a store it lasts as long as the gateway', () => {
  const { all } = histories(undefined)
  all.addWake('acme-prod', wake)
  expect(all.of('acme-prod')?.wakes).toEqual([wake])
})
