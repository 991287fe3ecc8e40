import { type KubeObject, type ObjectRef, refOf } from '@pulse/api'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Backend, Change, ChangeFeed, ChangeListener } from './backend.ts'
import { widget, widgetRef } from './conformance/harness.ts'
import { createMemoryBackend } from './memory.ts'
import { cacheReads } from './read-cache.ts'
import { matches, type Selector } from './selectors.ts'

const names = ['one', 'two', 'three'] as const
const red: Selector = { labels: [{ operator: 'in', key: 'color', values: ['red'] }], fields: [] }

const writer = fc.constantFrom('ours' as const, 'theirs' as const)
const name = fc.constantFrom(...names)
const color = fc.constantFrom('red', 'blue')
const isEarly = fc.boolean()
const anyStep = fc.oneof(
  { weight: 3, arbitrary: fc.record({ step: fc.constant('put' as const), writer, name, color }) },
  { weight: 1, arbitrary: fc.record({ step: fc.constant('remove' as const), writer, name }) },
  { weight: 3, arbitrary: fc.record({ step: fc.constant('tell' as const) }) },
  { weight: 3, arbitrary: fc.record({ step: fc.constant('look' as const) }) },
  { weight: 1, arbitrary: fc.record({ step: fc.constant('get' as const), name, isEarly }) },
  { weight: 1, arbitrary: fc.record({ step: fc.constant('list' as const), isEarly }) },
  { weight: 1, arbitrary: fc.record({ step: fc.constant('owned' as const), isEarly }) },
  { weight: 1, arbitrary: fc.record({ step: fc.constant('page' as const), isEarly }) },
  { weight: 1, arbitrary: fc.record({ step: fc.constant('answer' as const) }) },
)

test('what is read holds all that was told and all own writes, whatever comes late', async () => {
  const stories = fc.asyncProperty(fc.array(anyStep, { maxLength: 25 }), async (steps) => {
    const world = openWorld()
    for (const step of steps) await world.take(step)
    await world.end()
  })
  await fc.assert(stories, { numRuns: 2_000 })
}, 60_000)

test('what is kept is read once, and frozen', async () => {
  const backend = createMemoryBackend(100)
  let reads = 0
  const { cached } = cacheReads({
    ...backend,
    read(ref) {
      reads += 1
      return backend.read(ref)
    },
  })
  await write(backend, 'one', widget('one', { parts: [{ size: 1 }] }))

  const first = await cached.read(widgetRef('one'))
  expect(await cached.read(widgetRef('one'))).toBe(first)
  expect(reads).toBe(1)
  expect(() => Object.assign(Object(first).spec.parts[0], { size: 2 })).toThrow(TypeError)
})

test('what a write returns is its caller’s own', async () => {
  const { exact, cached } = cacheReads(answeringItself(createMemoryBackend(100)))
  await write(exact, 'one', widget('one'))
  await cached.read(widgetRef('one'))
  const stored = await write(exact, 'one', widget('one', { size: 2 }))
  Object.assign(Object(stored).spec, { size: 3 })
  expect(await cached.read(widgetRef('one'))).toMatchObject({ spec: { size: 2 } })
})

test('no more is kept than may be', async () => {
  const backend = createMemoryBackend(100)
  const asked: string[] = []
  const read = (ref: ObjectRef) => {
    asked.push(ref.name)
    return backend.read(ref)
  }
  const { cached } = cacheReads({ ...backend, read }, { objects: 2, lists: 1, owners: 1 })
  for (const each of ['one', 'two', 'one', 'three', 'one', 'two'])
    await cached.read(widgetRef(each))
  expect(asked).toEqual(['one', 'two', 'three', 'two'])
})

test('a read that failed is asked again', async () => {
  const backend = createMemoryBackend(100)
  let isDown = true
  const read = async (ref: ObjectRef) => {
    if (isDown) throw new Error('down')
    return backend.read(ref)
  }
  const { cached } = cacheReads({ ...backend, read })
  await write(backend, 'one', widget('one'))
  await expect(cached.read(widgetRef('one'))).rejects.toThrow('down')
  isDown = false
  expect(await cached.read(widgetRef('one'))).toMatchObject({ metadata: { name: 'one' } })
})

test('a dry run is no write', async () => {
  const backend = createMemoryBackend(100)
  const { exact, cached } = cacheReads(backend)
  expect(await cached.read(widgetRef('one'))).toBeUndefined()
  await exact.transact(
    (transaction) => transaction.put({ object: widget('one'), previous: undefined }),
    { keep: false },
  )
  expect(await cached.read(widgetRef('one'))).toBeUndefined()
})

type Step = typeof anyStep extends fc.Arbitrary<infer T> ? T : never

/** One state that an object had; `object` undefined: it was not there. */
interface State {
  readonly version: number
  readonly name: string
  readonly object: KubeObject | undefined
}

/** One store, we with a cache over it and a feed that tells late, and others who write as well. */
function openWorld() {
  const backend = createMemoryBackend(10_000)
  const late = tellingLate(backend.feed)
  const slow = answeringLate(backend)
  const { cached } = cacheReads({ ...backend, ...slow.reads, feed: late.feed })
  const states: State[] = names.map((each) => ({ version: 0, name: each, object: undefined }))
  const own = new Set<number>()
  const looks: Promise<void>[] = []

  async function put(step: Extract<Step, { step: 'put' | 'remove' }>) {
    const by = step.writer === 'ours' ? cached : backend
    const object =
      step.step === 'put'
        ? widget(step.name, {}, { labels: { color: step.color }, ...ownedBy(step.color) })
        : undefined
    const stored = await write(by, step.name, object)
    if (!stored) return
    const version = Number(stored.metadata.resourceVersion)
    states.push({ version, name: step.name, object: object && stored })
    if (step.writer === 'ours') own.add(version)
  }

  /** What of an object may be seen from now on: the last that we know of, or any later. */
  function seenFrom(each: string): readonly State[] {
    const known = states
      .filter((state) => state.name === each)
      .filter(({ version }) => own.has(version) || version <= late.told())
      .map(({ version }) => version)
    const least = Math.max(...known)
    return states.filter((state) => state.name === each && state.version >= least)
  }

  async function lookAt(each: string, isEarly: boolean) {
    const least = Math.min(...seenFrom(each).map(({ version }) => version))
    slow.next(isEarly)
    const found = await cached.read(widgetRef(each))
    const allowed = states.filter((state) => state.name === each && state.version >= least)
    expect(allowed.map(({ object }) => versionIn(object))).toContain(versionIn(found))
  }

  const lookAtList = (selector: Selector, isEarly: boolean) =>
    lookAtRed(isEarly, () => cached.page({ ...widgetRef(''), namespace: 'default', selector }))

  /** What belongs to an owner is what is red, and so is told in two ways. */
  const lookAtOwned = (isEarly: boolean) =>
    lookAtRed(isEarly, () => cached.related({ owner: 'red' }))

  async function lookAtRed(
    isEarly: boolean,
    list: () => Promise<{ readonly items: readonly KubeObject[] }>,
  ) {
    const selector = red
    const least = new Map(names.map((each) => [each, seenFrom(each)[0]?.version ?? 0]))
    slow.next(isEarly)
    const { items } = await list()
    for (const each of names) {
      const found = items.find(({ metadata }) => metadata.name === each)
      const allowed = states
        .filter((state) => state.name === each && state.version >= (least.get(each) ?? 0))
        .map(({ object }) => versionIn(object && matches(selector, object) ? object : undefined))
      expect(allowed).toContain(versionIn(found))
    }
  }

  /** What comes along with a page is kept, too; what that shows is seen by who looks. */
  async function readPage(isEarly: boolean) {
    slow.next(isEarly)
    const selector: Selector = { labels: [], fields: [] }
    await cached.page({ ...widgetRef(''), selector, limit: 2 })
  }

  /** Whatever is asked now is answered now, and so is all that waits. */
  async function lookAtAll() {
    const all = [
      ...names.map((each) => lookAt(each, true)),
      lookAtList(red, true),
      lookAtOwned(true),
    ]
    while (slow.answer());
    await Promise.all(all)
  }

  return {
    async take(step: Step) {
      if (step.step === 'put' || step.step === 'remove') await put(step)
      if (step.step === 'tell') late.tell()
      if (step.step === 'answer') slow.answer()
      if (step.step === 'get') looks.push(lookAt(step.name, step.isEarly))
      if (step.step === 'list') looks.push(lookAtList(red, step.isEarly))
      if (step.step === 'owned') looks.push(lookAtOwned(step.isEarly))
      if (step.step === 'page') looks.push(readPage(step.isEarly))
      if (step.step === 'look') await lookAtAll()
      await turn()
    },

    /** When all is told, nothing old is left. */
    async end() {
      while (late.tell());
      await lookAtAll()
      await Promise.all(looks)
    },
  }
}

function ownedBy(color: string) {
  const reference = { apiVersion: 'test.pulse/v1', kind: 'Widget', name: color, uid: color }
  return { ownerReferences: [reference] }
}

/** Puts or removes; undefined: there was nothing to remove. */
function write(by: Backend, each: string, object: KubeObject | undefined) {
  return by.transact(
    async (transaction) => {
      const previous = await transaction.read(object ? refOf(object) : widgetRef(each))
      if (object) return transaction.put({ object, previous })
      return previous && transaction.remove(previous, previous)
    },
    { keep: true },
  )
}

function versionIn(object: KubeObject | undefined) {
  return object?.metadata.resourceVersion
}

/** As PostgreSQL does: a write returns the very object that was put, and before the feed tells of it. */
function answeringItself(backend: Backend): Backend {
  return {
    ...backend,
    feed: tellingLate(backend.feed).feed,
    async transact<T>(...[work, options]: Parameters<typeof backend.transact<T>>) {
      const { promise, resolve } = Promise.withResolvers<T>()
      await backend.transact(async (transaction) => resolve(await work(transaction)), options)
      return promise
    },
  }
}

/** A feed that tells one change at a time, when it is asked to. */
function tellingLate(feed: ChangeFeed) {
  const waiting: Change[] = []
  const listeners: ChangeListener[] = []
  let told = 0
  feed.subscribe({ change: (change) => void waiting.push(change), expired: () => undefined })
  return {
    told: () => told,
    tell() {
      const change = waiting.shift()
      if (!change) return false
      for (const listener of listeners) listener.change(change)
      told = change.version
      return true
    },
    feed: {
      ...feed,
      subscribe(listener: ChangeListener) {
        listeners.push(listener)
        return () => undefined
      },
    },
  }
}

/** Reads that are answered when they are asked to be; early: with what was there when they began. */
function answeringLate({ read, page, related }: Backend) {
  const gates: (() => void)[] = []
  let isEarly = false
  const late =
    <A, R>(ask: (argument: A) => Promise<R>) =>
    async (argument: A) => {
      const early = isEarly ? ask(argument) : undefined
      await new Promise<void>((resolve) => gates.push(resolve))
      return early ?? ask(argument)
    }
  return {
    reads: { read: late(read), page: late(page), related: late(related) },
    next(early: boolean) {
      isEarly = early
    },
    answer() {
      const gate = gates.shift()
      gate?.()
      return gate !== undefined
    },
  }
}

/** All that can go on without an answer has gone on. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
