import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  type CreateHarness,
  type Harness,
  manager,
  note,
  notes,
  refusalOf,
  widget,
  widgetRef,
  widgets,
} from './harness.ts'

export function describeLists(createHarness: CreateHarness): void {
  describe('lists', () => {
    let harness: Harness
    beforeEach(async () => {
      harness = await createHarness({ keptChanges: 20 })
    })
    afterEach(() => harness.close())

    const namesOf = async (query: object) => {
      const { items } = await harness.objects.list({ ...widgets, ...query })
      return items.map(({ metadata }) => metadata.name)
    }

    test('are sorted by namespace and name, and hold one kind', async () => {
      for (const name of ['z', 'a'])
        await harness.objects.create(
          { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
          manager,
        )
      for (const [name, namespace] of [
        ['m', 'z'],
        ['c', 'a'],
        ['b', 'z'],
        ['a-b', 'a'],
        ['a', 'a'],
        ['a.b', 'a'],
      ] as const) {
        await harness.objects.create(widget(name, {}, { namespace }), manager)
      }
      await harness.objects.create(note('n'), manager)
      expect(await namesOf({})).toEqual(['a', 'a-b', 'a.b', 'c', 'b', 'm'])
      expect(await namesOf({ namespace: 'z' })).toEqual(['b', 'm'])
    })

    test('select by labels, set-based too', async () => {
      const labelled = {
        a: { app: 'x', tier: 'web', size: '9' },
        b: { app: 'y', size: '10' },
        c: { tier: 'db', size: 'big' },
        d: {},
      }
      for (const [name, labels] of Object.entries(labelled)) {
        await harness.objects.create(widget(name, {}, { labels }), manager)
      }
      const cases: Record<string, string[]> = {
        'app=x': ['a'],
        'app==x,tier=web': ['a'],
        'app!=x': ['b', 'c', 'd'],
        'app in (x,y)': ['a', 'b'],
        'app notin (x, y)': ['c', 'd'],
        app: ['a', 'b'],
        '!app': ['c', 'd'],
        '!app,tier': ['c'],
        'app in (x,y),tier!=web': ['b'],
        'size>9': ['b'],
        'size<10': ['a'],
        '': ['a', 'b', 'c', 'd'],
      }
      for (const [labelSelector, names] of Object.entries(cases)) {
        expect(await namesOf({ labelSelector }), labelSelector).toEqual(names)
      }
    })

    test('select by the fields that the kind names, and by no other', async () => {
      await harness.objects.create(widget('a', { color: 'red' }), manager)
      await harness.objects.create(widget('b', { color: 'a,b=c' }), manager)
      await harness.objects.create(widget('c'), manager)
      expect(await namesOf({ fieldSelector: 'spec.color=red' })).toEqual(['a'])
      expect(await namesOf({ fieldSelector: 'spec.color=a\\,b\\=c' })).toEqual(['b'])
      expect(await namesOf({ fieldSelector: 'spec.color!=red' })).toEqual(['b', 'c'])
      expect(await namesOf({ fieldSelector: 'metadata.name=c,spec.color=' })).toEqual(['c'])
      expect(await namesOf({ fieldSelector: 'metadata.namespace=other' })).toEqual([])
      for (const wrong of [{ fieldSelector: 'spec.size=1' }, { labelSelector: 'a in (' }]) {
        expect(await refusalOf(namesOf(wrong))).toMatchObject({ code: 400 })
      }
    })

    test('come in pages that together are the state of one version', async () => {
      for (const name of ['a', 'b', 'c', 'd', 'e']) {
        await harness.objects.create(widget(name, { size: 1 }), manager)
      }
      const first = await harness.objects.list({ ...widgets, limit: 2 })
      expect(first).toMatchObject({ remainingItemCount: 3 })

      await harness.peer.delete(widgetRef('c'))
      await harness.peer.update(widget('d', { size: 2 }), manager)
      await harness.peer.update(widget('d', { size: 3 }), manager)
      await harness.peer.create(widget('cc'), manager)
      await harness.peer.delete(widgetRef('a'))

      const second = await harness.objects.list({ ...widgets, limit: 2, ...next(first) })
      const third = await harness.objects.list({ ...widgets, limit: 2, ...next(second) })
      expect(third.continue).toBeUndefined()
      const seen = [first, second, third].flatMap(({ items }) => items)
      expect(seen.map(({ metadata }) => metadata.name)).toEqual(['a', 'b', 'c', 'd', 'e'])
      expect(seen.map(({ spec }) => spec)).toEqual(Array(5).fill({ size: 1 }))
      expect(new Set([first, second, third].map((page) => page.resourceVersion)).size).toBe(1)
    })

    test('a page whose version is forgotten is refused with 410', async () => {
      for (const name of ['a', 'b', 'c']) await harness.objects.create(note(name), manager)
      const first = await harness.objects.list({ ...notes, limit: 1 })
      for (let count = 0; count < 150; count++) {
        await harness.objects.update(note('c', { count }), manager)
      }
      const second = harness.objects.list({ ...notes, limit: 1, ...next(first) })
      expect(await refusalOf(second)).toMatchObject({ reason: 'Expired', code: 410 })
    })

    test('a continue token that is not ours is a 400', async () => {
      for (const token of ['x', 'bnVsbA', Buffer.from('[1e99,"",""]').toString('base64url')]) {
        const page = harness.objects.list({ ...notes, limit: 1, continue: token })
        expect(await refusalOf(page)).toMatchObject({ code: 400 })
      }
    })
  })
}

function next(page: { readonly continue?: string }) {
  if (page.continue === undefined) throw new Error('no further page')
  return { continue: page.continue }
}
