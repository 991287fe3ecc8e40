import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Objects, Relations } from '../../objects.ts'
import {
  type CreateHarness,
  type Harness,
  manager,
  note,
  notes,
  widget,
  widgetRef,
  widgets,
} from './harness.ts'

/** What a store in this process promises besides. */
export function describeRelations(name: string, createHarness: CreateHarness): void {
  describe(`relations in ${name}`, () => {
    let harness: Harness
    let objects: Objects & Relations
    beforeEach(async () => {
      harness = await createHarness()
      objects = mustRelate(harness.objects)
    })
    afterEach(() => harness.close())

    const ownedBy = (...uids: readonly string[]) => ({
      ownerReferences: uids.map((uid) => ({
        ...{ apiVersion: 'test.pulse/v1', kind: 'Widget', name: `named-${uid}`, uid },
      })),
    })
    const namesIn = async (found: ReturnType<Relations['doubtful']>) =>
      (await found).map(({ kind, metadata }) => `${kind} ${metadata.name}`).toSorted()

    test('loose pages each tell what stands when they are read, and never expire', async () => {
      for (const name of ['a', 'b', 'c', 'd']) await objects.create(note(name), manager)
      const first = await objects.list({ ...notes, limit: 1, isLoose: true })
      for (let count = 0; count < 150; count++) {
        await objects.update(note('c', { count }), manager)
      }
      await objects.delete({ ...notes, name: 'd' })
      await objects.create(note('aa'), manager)

      const query = { ...notes, limit: 2, isLoose: true }
      const second = await objects.list({ ...query, continue: first.continue ?? '' })
      const third = await objects.list({ ...query, continue: second.continue ?? '' })
      expect([first, second, third].map(({ remainingItemCount }) => remainingItemCount)).toEqual([
        3,
        1,
        undefined,
      ])
      expect([...second.items, ...third.items]).toMatchObject([
        { metadata: { name: 'aa' } },
        { metadata: { name: 'b' } },
        { metadata: { name: 'c' }, count: 149 },
      ])
      expect(third.continue).toBeUndefined()
      expect(third.resourceVersion).not.toBe(first.resourceVersion)
    })

    test('lean objects come without managedFields, and with all the rest', async () => {
      await objects.create(widget('a', { size: 1 }), manager)
      await objects.create(widget('b', { size: 2 }), manager)
      await objects.update(widget('b', { size: 3 }), manager)
      const whole = await objects.list(widgets)
      expect(whole.items.every(({ metadata }) => metadata.managedFields)).toBe(true)
      const bare = whole.items.map(({ metadata: { managedFields: _, ...metadata }, ...rest }) => ({
        ...rest,
        metadata,
      }))
      const lean = { ...widgets, isLean: true }
      expect((await objects.list(lean)).items).toEqual(bare)
      const first = await objects.list({ ...lean, limit: 1 })
      const second = await objects.list({ ...lean, limit: 1, continue: first.continue ?? '' })
      expect([...first.items, ...second.items]).toEqual(bare)
    })

    test('tell the dependents of an owner, of all kinds, as they are now', async () => {
      await objects.create(widget('one', {}, ownedBy('x')), manager)
      await objects.create(note('two', { metadata: ownedBy('y', 'x') }), manager)
      await objects.create(widget('three', {}, ownedBy('y')), manager)
      expect(await namesIn(objects.dependentsOf('x'))).toEqual(['Note two', 'Widget one'])

      await objects.update(widget('one', {}, ownedBy('y')), manager)
      await objects.create(note('four', { metadata: ownedBy('x') }), manager)
      expect(await namesIn(objects.dependentsOf('x'))).toEqual(['Note four', 'Note two'])
      await objects.delete({ ...widgetRef('three') })
      expect(await namesIn(objects.dependentsOf('y'))).toEqual(['Note two', 'Widget one'])
    })

    test('tell what carries a label, of all kinds', async () => {
      const labels = { color: 'red' }
      await objects.create(widget('one', {}, { labels }), manager)
      await objects.create(
        note('two', { metadata: { labels: { ...labels, size: 'big' } } }),
        manager,
      )
      await objects.create(widget('three', {}, { labels: { color: 'blue' } }), manager)
      expect(await namesIn(objects.labelled('color', 'red'))).toEqual(['Note two', 'Widget one'])
    })

    test('tell what has no owner any more, and what is on its way out', async () => {
      const owner = await objects.create(widget('owner'), manager)
      await objects.create(note('kept', { metadata: ownedBy(owner.metadata.uid ?? '') }), manager)
      await objects.create(note('left', { metadata: ownedBy('never-was') }), manager)
      const half = ownedBy(owner.metadata.uid ?? '', 'never-was')
      await objects.create(widget('half', {}, half), manager)
      await objects.create(widget('going', {}, { finalizers: ['test.pulse/hold'] }), manager)
      await objects.delete(widgetRef('going'))
      const doubtful = ['Note left', 'Widget going', 'Widget half']
      expect(await namesIn(objects.doubtful())).toEqual(doubtful)
      await objects.delete(widgetRef('owner'))
      expect(await namesIn(objects.doubtful())).toEqual(['Note kept', ...doubtful])
    })

    test('a watch tells what an object was before', async () => {
      const { metadata } = await objects.create(widget('one', { size: 1 }), manager)
      const halt = new AbortController()
      const { resourceVersion } = metadata
      const query = { ...widgets, resourceVersion, signal: halt.signal }
      const watch = objects.watch(query)[Symbol.asyncIterator]()
      const next = watch.next()
      await objects.update(widget('one', { size: 2 }), manager)
      const { value: event } = await next
      expect(event).toMatchObject({
        type: 'MODIFIED',
        object: { spec: { size: 2 } },
        previous: { spec: { size: 1 } },
      })
      halt.abort()
      await watch.next()
    })
  })
}

function mustRelate(objects: Objects): Objects & Relations {
  if (hasRelations(objects)) return objects
  throw new Error('this store tells no relations')
}

function hasRelations(objects: Objects): objects is Objects & Relations {
  return 'dependentsOf' in objects
}
