import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  type CreateHarness,
  fieldsRefused,
  type Harness,
  isMissing,
  manager,
  mustGet,
  note,
  refusalOf,
  widget,
  widgetRef,
} from './harness.ts'

export function describeCreations(createHarness: CreateHarness): void {
  describe('creation', () => {
    let harness: Harness
    beforeEach(async () => {
      harness = await createHarness()
    })
    afterEach(() => harness.close())

    test('a created object has an identity, a generation and its defaults', async () => {
      const created = await harness.objects.create(widget('a', { color: 'red' }), manager)
      expect(created).toMatchObject({
        metadata: { name: 'a', namespace: 'default', generation: 1 },
        spec: { color: 'red', size: 1 },
      })
      expect(created.metadata.uid).toMatch(/^[0-9a-f-]{36}$/)
      expect(created.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
      expect(await harness.objects.get(widgetRef('a'))).toEqual(created)
    })

    test('the caller keeps its object and owns the one it is given', async () => {
      const tags: string[] = ['x']
      const created = await harness.objects.create(widget('a', { tags }), manager)
      tags.push('changed afterwards')
      Object.assign(created, { spec: 'changed afterwards' })
      expect(await mustGet(harness.objects, widgetRef('a'))).toMatchObject({
        spec: { tags: ['x'] },
      })
    })

    test('a name exists once', async () => {
      await harness.objects.create(widget('a'), manager)
      const refusal = await refusalOf(harness.peer.create(widget('a'), manager))
      expect(refusal).toMatchObject({ reason: 'AlreadyExists', code: 409 })
    })

    test('of simultaneous creations one wins', async () => {
      const attempts = await Promise.allSettled(
        [harness.objects, harness.peer, harness.objects, harness.peer].map((store) =>
          store.create(widget('a'), manager),
        ),
      )
      expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    })

    test('names are generated when asked for', async () => {
      const nameless = widget('', {}, { generateName: 'job-' })
      const [a, b] = await Promise.all([
        harness.objects.create(nameless, manager),
        harness.objects.create(nameless, manager),
      ])
      expect(a.metadata.name).toMatch(/^job-[a-z0-9]{5}$/)
      expect(a.metadata.name).not.toBe(b.metadata.name)
    })

    test('every mistake is told at once, each with its field', async () => {
      await harness.objects.create(widget('first', { host: 'acme' }), manager)
      const owner = { apiVersion: 'v1', kind: 'Secret', name: 'x', uid: '', controller: true }
      const spec = { size: 'big', color: 'ugly', palette: 'absent', host: 'acme' }
      const wrong = widget('a', spec, { ownerReferences: [owner, { ...owner, uid: 'u' }] })
      expect((await fieldsRefused(harness.objects.create(wrong, manager))).toSorted()).toEqual([
        'metadata.ownerReferences',
        'metadata.ownerReferences[0].uid',
        'spec.color',
        'spec.host',
        'spec.palette',
        'spec.size',
      ])
    })

    test('a namespace is for the kinds that have one', async () => {
      const misplaced = note('n', { metadata: { namespace: 'default' } })
      const { namespace: _, ...metadata } = widget('a').metadata
      for (const wrong of [misplaced, { ...widget('a'), metadata }]) {
        // Over the wire the address is wrong before the object is.
        const { code } = await refusalOf(harness.objects.create(wrong, manager))
        expect([400, 404, 405, 422]).toContain(code)
      }
    })

    test('what an object needs must be there when it is written', async () => {
      const needy = widget('a', { palette: 'warm' })
      expect(await fieldsRefused(harness.objects.create(needy, manager))).toEqual(['spec.palette'])
      await harness.objects.create(note('warm'), manager)
      await harness.objects.create(needy, manager)
    })

    test('a unique name has one holder, is free again after it, and a refusal hides the holder', async () => {
      await harness.objects.create(widget('owner-of-it', { host: 'acme' }), manager)
      const refusal = await refusalOf(harness.peer.create(widget('b', { host: 'acme' }), manager))
      expect(refusal).toMatchObject({
        code: 422,
        details: { causes: [{ reason: 'FieldValueDuplicate', field: 'spec.host' }] },
      })
      expect(JSON.stringify([refusal.message, refusal.details])).not.toContain('owner-of-it')
      await harness.objects.update(widget('owner-of-it', { host: 'other' }), manager)
      await harness.peer.create(widget('b', { host: 'acme' }), manager)
      await harness.objects.delete(widgetRef('b'))
      await harness.peer.create(widget('c', { host: 'acme' }), manager)
    })

    test('of simultaneous claims of a unique name one wins', async () => {
      const attempts = await Promise.allSettled(
        ['a', 'b', 'c', 'd'].map((name, index) =>
          (index % 2 === 0 ? harness.objects : harness.peer).create(
            widget(name, { host: 'acme' }),
            manager,
          ),
        ),
      )
      expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    })

    test('text comes back as it was given, and what no store can hold is refused', async () => {
      const text = 'ĳ – ж 🙂 \\ \' " \n \u0001'
      await harness.objects.create(note('n', { text, 'key.with/slash': text }), manager)
      expect(await mustGet(harness.peer, { ...note('n'), name: 'n' })).toMatchObject({
        text,
        'key.with/slash': text,
      })
      const nul = harness.objects.create(note('m', { text: 'a\u0000b' }), manager)
      expect(await refusalOf(nul)).toMatchObject({ code: 400 })
      const large = harness.objects.create(note('m', { text: 'x'.repeat(2_000_000) }), manager)
      expect(await refusalOf(large)).toMatchObject({ code: 413 })
    })

    test('nothing is made in a namespace that is missing or going', async () => {
      const inside = widget('a', {}, { namespace: 'shop' })
      expect(await isMissing(harness.objects.create(inside, manager))).toBe(true)
      expect(await isMissing(harness.objects.apply(inside, manager))).toBe(true)
      const shop = { apiVersion: 'v1', kind: 'Namespace', name: 'shop' }
      await harness.objects.create(
        { ...shop, metadata: { name: 'shop', finalizers: ['test.pulse/content'] } },
        manager,
      )
      await harness.objects.create(inside, manager)
      await harness.objects.delete(shop)
      const late = harness.peer.create(widget('b', {}, { namespace: 'shop' }), manager)
      expect(await refusalOf(late)).toMatchObject({ reason: 'Forbidden' })
    })
  })
}
