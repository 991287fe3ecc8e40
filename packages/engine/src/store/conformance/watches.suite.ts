import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Objects, WatchEvent, WatchQuery } from '../../objects.ts'
import {
  type CreateHarness,
  type Harness,
  manager,
  note,
  notes,
  refusalOf,
  takeEvents,
  told,
  widget,
  widgetRef,
  widgets,
} from './harness.ts'

export function describeWatches(createHarness: CreateHarness): void {
  describe('watches', () => {
    let harness: Harness
    let stop: AbortController
    beforeEach(async () => {
      harness = await createHarness({ keptChanges: 50 })
      stop = new AbortController()
    })
    afterEach(async () => {
      stop.abort()
      await harness.close()
    })

    const watch = (
      objects: Objects,
      query: Partial<WatchQuery> & Pick<WatchQuery, 'kind' | 'apiVersion'>,
    ): AsyncIterator<WatchEvent> =>
      objects.watch({ signal: stop.signal, ...query })[Symbol.asyncIterator]()

    test('tell every change after the version of a list, in order', async () => {
      await harness.objects.create(widget('before'), manager)
      const { resourceVersion } = await harness.objects.list(widgets)
      await harness.objects.create(widget('a'), manager)
      await harness.objects.create(note('other-kind'), manager)
      const events = watch(harness.objects, { ...widgets, resourceVersion })
      await harness.objects.update(widget('a', { size: 2 }), manager)
      await harness.objects.delete(widgetRef('a'))
      await harness.objects.create(widget('b'), manager)
      const seen = await takeEvents(events, 4)
      expect(told(seen)).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a', 'ADDED b'])
      const versions = seen.map(({ object }) => Number(object.metadata.resourceVersion))
      expect(versions).toEqual(versions.toSorted((a, b) => a - b))
      expect(new Set(versions).size).toBe(4)
    })

    test('begin with what happens after the call when no version is given', async () => {
      await harness.objects.create(note('before'), manager)
      const { resourceVersion } = await harness.objects.list(notes)
      // The feed may still be on its way to this version.
      await takeEvents(watch(harness.objects, { ...notes, resourceVersion: '0' }), 1)
      const events = watch(harness.objects, notes)
      await harness.objects.create(note('after'), manager)
      const [first] = await takeEvents(events, 1)
      expect(first?.object.metadata.name).toBe('after')
      expect(Number(first?.object.metadata.resourceVersion)).toBe(Number(resourceVersion) + 1)
    })

    test('see what another process writes, and lose nothing under simultaneous writes', async () => {
      const events = watch(harness.objects, { ...notes, resourceVersion: '0' })
      await Promise.all(
        Array.from({ length: 40 }, (_, index) =>
          (index % 2 === 0 ? harness.objects : harness.peer).create(note(`n${index}`), manager),
        ),
      )
      const seen = await takeEvents(events, 40)
      expect(seen.map(({ object }) => object.metadata.resourceVersion)).toEqual(
        Array.from({ length: 40 }, (_, index) => String(index + 1)),
      )
    })

    test('an object that enters or leaves the selection appears or is deleted', async () => {
      const { resourceVersion } = await harness.objects.list(widgets)
      const byLabel = watch(harness.objects, {
        ...widgets,
        resourceVersion,
        labelSelector: 'in=yes',
      })
      const byField = watch(harness.peer, {
        ...widgets,
        resourceVersion,
        fieldSelector: 'spec.color=red',
      })
      await harness.objects.create(widget('a', { color: 'red' }), manager)
      await harness.objects.update(
        widget('a', { color: 'red' }, { labels: { in: 'yes' } }),
        manager,
      )
      await harness.objects.update(
        widget('a', { color: 'blue' }, { labels: { in: 'yes' } }),
        manager,
      )
      await harness.objects.update(widget('a', { color: 'red' }, {}), manager)
      await harness.objects.delete(widgetRef('a'))
      expect(told(await takeEvents(byLabel, 3))).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a'])
      const fieldEvents = await takeEvents(byField, 5)
      expect(told(fieldEvents)).toEqual([
        'ADDED a',
        'MODIFIED a',
        'DELETED a',
        'ADDED a',
        'DELETED a',
      ])
      expect(fieldEvents[2]?.object).toMatchObject({ spec: { color: 'red' } })
    })

    test('a write that changes nothing is not told', async () => {
      await harness.objects.create(note('a', { text: 'x' }), manager)
      const { resourceVersion } = await harness.objects.list(notes)
      const events = watch(harness.objects, { ...notes, resourceVersion })
      await harness.objects.update(note('a', { text: 'x' }), manager)
      await harness.objects.create(note('b'), manager)
      expect(told(await takeEvents(events, 1))).toEqual(['ADDED b'])
    })

    test('a bookmark tells how far the watch is, though nothing it selects happened', async () => {
      const events = watch(harness.objects, { ...widgets, bookmarkSeconds: 0.02 })
      await harness.peer.create(note('other-kind'), manager)
      const { resourceVersion } = await harness.objects.list(notes)
      for (;;) {
        const [bookmark] = await takeEvents(events, 1)
        expect(bookmark).toMatchObject({ type: 'BOOKMARK', object: widgets })
        if (bookmark?.object.metadata.resourceVersion === resourceVersion) break
      }
    })

    test('a version that the log has forgotten, or that never was, is a 410', async () => {
      for (let count = 0; count < 250; count++) {
        await harness.objects.apply(note('a', { count }), manager)
      }
      for (const resourceVersion of ['1', '999999']) {
        const events = watch(harness.objects, { ...notes, resourceVersion })
        expect(await refusalOf(takeEvents(events, 1))).toMatchObject({ reason: 'Expired' })
      }
      expect(() => watch(harness.objects, { ...notes, resourceVersion: 'x' })).toThrow(/invalid/)
    })

    test('a watcher that does not keep up is ended with 410, not remembered for', async () => {
      const { resourceVersion } = await harness.objects.list(notes)
      const slow = watch(harness.objects, { ...notes, resourceVersion })
      const fast = watch(harness.objects, { ...notes, resourceVersion })
      await harness.objects.create(note('a'), manager)
      await takeEvents(slow, 1)
      for (let count = 1; count <= 1100; count++) {
        await harness.objects.update(note('a', { count }), manager)
        await takeEvents(fast, 1)
      }
      expect(await refusalOf(takeEvents(slow, 1100))).toMatchObject({ reason: 'Expired' })
      expect(told(await takeEvents(fast, 1))).toEqual(['MODIFIED a'])
    })

    test('end with the signal, also while they wait', async () => {
      const events = watch(harness.objects, notes)
      const waiting = events.next()
      stop.abort()
      expect(await waiting).toEqual({ done: true, value: undefined })
      const late = watch(harness.objects, notes)
      expect((await late.next()).done).toBe(true)
    })

    test('events belong to their watcher alone', async () => {
      const one = watch(harness.objects, { ...notes, resourceVersion: '0' })
      const other = watch(harness.objects, { ...notes, resourceVersion: '0' })
      await harness.objects.create(note('a', { text: 'x' }), manager)
      const [event] = await takeEvents(one, 1)
      Object.assign(event?.object ?? {}, { text: 'changed' })
      expect((await takeEvents(other, 1))[0]?.object.text).toBe('x')
      expect((await harness.objects.list(notes)).items[0]?.text).toBe('x')
    })
  })
}
