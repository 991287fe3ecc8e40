import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  type CreateHarness,
  type Harness,
  manager,
  mustGet,
  note,
  refusalOf,
  widget,
  widgetRef,
} from './harness.ts'

const alice = { fieldManager: 'alice' }
const bob = { fieldManager: 'bob' }

export function describeApplies(createHarness: CreateHarness): void {
  describe('server-side apply', () => {
    let harness: Harness
    let now = new Date('2026-01-01T00:00:00Z')
    beforeEach(async () => {
      harness = await createHarness({ now: () => now })
    })
    afterEach(() => harness.close())

    const spec = async (name = 'a') => (await mustGet(harness.objects, widgetRef(name))).spec
    const owners = async () => {
      const { metadata } = await mustGet(harness.objects, widgetRef('a'))
      return Object.fromEntries(
        (metadata.managedFields ?? []).map((entry) => [
          `${entry.manager} ${entry.operation}`,
          entry.fieldsV1,
        ]),
      )
    }

    test('creates, and owns what was applied but not the defaults', async () => {
      const created = await harness.objects.apply(widget('a', { color: 'red' }), alice)
      expect(created.spec).toEqual({ color: 'red', size: 1 })
      expect(await owners()).toEqual({ 'alice Apply': { 'f:spec': { 'f:color': {} } } })
    })

    test('applied again, later, writes nothing at all', async () => {
      const config = widget('a', { color: 'red', parts: [{ name: 'p', image: 'i' }], tags: ['t'] })
      const first = await harness.objects.apply(config, alice)
      now = new Date('2026-01-01T01:00:00Z')
      expect(await harness.objects.apply(config, alice)).toEqual(first)
      expect(await harness.objects.apply(config, { ...alice, force: true })).toEqual(first)
    })

    test('a field of another manager is a conflict that names manager and field', async () => {
      await harness.objects.apply(widget('a', { color: 'red', tags: ['x'] }), alice)
      await harness.objects.update(widget('a', { color: 'red', size: 5, tags: ['x'] }), bob)
      const attempt = harness.objects.apply(widget('a', { color: 'blue', size: 6 }), {
        fieldManager: 'carol',
      })
      const refusal = await refusalOf(attempt)
      expect(refusal).toMatchObject({ reason: 'Conflict', code: 409 })
      expect(refusal.details.causes).toEqual([
        expect.objectContaining({
          reason: 'FieldManagerConflict',
          field: '.spec.color',
          message: 'conflict with "alice" using test.pulse/v1',
        }),
        expect.objectContaining({ reason: 'FieldManagerConflict', field: '.spec.size' }),
      ])
      expect(await spec()).toEqual({ color: 'red', size: 5, tags: ['x'] })
    })

    test('force takes the fields, and the loser does not take them back unasked', async () => {
      await harness.objects.apply(widget('a', { color: 'red', tags: ['x'] }), alice)
      await harness.objects.apply(widget('a', { color: 'blue' }), { ...bob, force: true })
      expect(await owners()).toEqual({
        'alice Apply': { 'f:spec': { 'f:tags': { 'v:"x"': {} } } },
        'bob Apply': { 'f:spec': { 'f:color': {} } },
      })
      const back = harness.objects.apply(widget('a', { color: 'red', tags: ['x'] }), alice)
      expect((await refusalOf(back)).reason).toBe('Conflict')
    })

    test('equal values are owned together, and stay until the last owner leaves', async () => {
      await harness.objects.apply(widget('a', { color: 'red', replicas: 1 }), alice)
      await harness.objects.apply(widget('a', { color: 'red' }), bob)
      await harness.objects.apply(widget('a', { replicas: 1 }), alice)
      expect(await spec()).toEqual({ color: 'red', replicas: 1, size: 1 })
      await harness.objects.apply(widget('a'), bob)
      expect(await spec()).toEqual({ replicas: 1, size: 1 })
    })

    test('what is no longer applied goes, with the containers that it empties', async () => {
      await harness.objects.apply(
        widget('a', { color: 'red', nested: { deep: { x: 1 } } }, { labels: { k: 'v' } }),
        alice,
      )
      const applied = await harness.objects.apply(widget('a', {}), alice)
      expect(applied.spec).toEqual({ size: 1 })
      expect(applied.metadata.labels).toBeUndefined()
      expect(applied.metadata.managedFields?.[0]?.fieldsV1).toEqual({ 'f:spec': {} })
    })

    test('items of keyed lists and sets belong to who applied them', async () => {
      await harness.objects.apply(
        widget('a', { parts: [{ name: 'p', image: 'one' }], tags: ['x'], ports: [{ port: 80 }] }),
        alice,
      )
      await harness.objects.apply(
        widget('a', {
          parts: [{ name: 'p', env: [{ name: 'E', value: '1' }] }, { name: 'q' }],
          tags: ['y'],
          ports: [{ port: 80, protocol: 'UDP' }],
        }),
        bob,
      )
      expect(await spec()).toMatchObject({
        parts: [{ name: 'p', image: 'one', env: [{ name: 'E', value: '1' }] }, { name: 'q' }],
        tags: ['x', 'y'],
        ports: [{ port: 80 }, { port: 80, protocol: 'UDP' }],
      })
      await harness.objects.apply(widget('a', { tags: ['x'] }), alice)
      expect(await spec()).toMatchObject({
        parts: [{ name: 'p', env: [{ name: 'E', value: '1' }] }, { name: 'q' }],
        ports: [{ port: 80, protocol: 'UDP' }],
      })
      await harness.objects.apply(widget('a', {}), bob)
      expect(await spec()).toEqual({ tags: ['x'], size: 1 })
    })

    test('a list that nobody described is replaced whole, and owned whole', async () => {
      await harness.objects.apply(widget('a', { words: ['a', 'b'] }), alice)
      const attempt = harness.objects.apply(widget('a', { words: ['c'] }), bob)
      expect((await refusalOf(attempt)).details.causes?.[0]?.field).toBe('.spec.words')
      await harness.objects.apply(widget('a', { words: ['c'] }), { ...bob, force: true })
      expect(await spec()).toEqual({ words: ['c'], size: 1 })
    })

    test('items without their key, or twice the same, are refused', async () => {
      await harness.objects.create(widget('a'), manager)
      for (const parts of [[{ image: 'x' }], [{ name: 'p' }, { name: 'p' }]]) {
        const attempt = harness.objects.apply(widget('a', { parts }), alice)
        expect(await refusalOf(attempt)).toMatchObject({ code: 422 })
      }
    })

    test('status is applied apart from the spec, by its own owner', async () => {
      await harness.objects.apply(widget('a', { color: 'red' }), alice)
      const conditions = [{ type: 'Ready', status: 'True' }]
      const status = { ...alice, subresource: 'status' } as const
      const reported = await harness.objects.apply(
        { ...widget('a', { color: 'ignored' }), status: { conditions } },
        status,
      )
      expect(reported).toMatchObject({ spec: { color: 'red' }, status: { conditions } })
      const applied = await harness.objects.apply(widget('a', { color: 'blue' }), alice)
      expect(applied).toMatchObject({ spec: { color: 'blue' }, status: { conditions } })
      expect(applied.metadata.managedFields?.map((entry) => entry.subresource)).toEqual([
        undefined,
        'status',
      ])
    })

    test('a plain write takes over what it changes', async () => {
      await harness.objects.apply(widget('a', { color: 'red', tags: ['x'] }), alice)
      const patch = { type: 'merge', patch: { spec: { color: 'blue' } } } as const
      await harness.objects.patch(widgetRef('a'), patch, bob)
      expect(await owners()).toEqual({
        'alice Apply': { 'f:spec': { 'f:tags': { 'v:"x"': {} } } },
        'bob Update': { 'f:spec': { 'f:color': {} } },
      })
    })

    test('managed fields may be rewritten, as kubectl does, and not applied', async () => {
      await harness.objects.create(widget('a', { color: 'red' }), bob)
      const patch = [
        { op: 'replace', path: '/metadata/managedFields/0/manager', value: 'kubectl' },
        { op: 'replace', path: '/metadata/managedFields/0/operation', value: 'Apply' },
      ]
      await harness.objects.patch(widgetRef('a'), { type: 'json', patch }, bob)
      expect(Object.keys(await owners())).toEqual(['kubectl Apply'])
      const config = { ...widget('a', {}, { managedFields: [] }) }
      expect(await refusalOf(harness.objects.apply(config, alice))).toMatchObject({ code: 400 })
    })

    test('simultaneous applies of different fields all arrive', async () => {
      await Promise.all(
        Array.from({ length: 12 }, (_, index) =>
          (index % 2 === 0 ? harness.objects : harness.peer).apply(
            note('n', { [`field${index}`]: index }),
            { fieldManager: `manager-${index}` },
          ),
        ),
      )
      const seen = await mustGet(harness.peer, {
        apiVersion: 'test.pulse/v1',
        kind: 'Note',
        name: 'n',
      })
      expect(Object.keys(seen).filter((key) => key.startsWith('field'))).toHaveLength(12)
      expect(seen.metadata.managedFields).toHaveLength(12)
    })

    test('for any two managers: a repeat is nothing, leaving undoes, nobody harms the other', async () => {
      const config = fc.record(
        {
          color: fc.constantFrom('red', 'blue'),
          tags: fc.uniqueArray(fc.constantFrom('x', 'y', 'z')),
          words: fc.array(fc.constantFrom('a', 'b'), { maxLength: 2 }),
          nested: fc.dictionary(fc.constantFrom('k', 'l'), fc.constantFrom(1, 'one', true)),
          parts: fc.uniqueArray(
            fc.record(
              { name: fc.constantFrom('p', 'q', 'r'), image: fc.constantFrom('i', 'j') },
              { requiredKeys: ['name'] },
            ),
            { selector: ({ name }) => name },
          ),
        },
        { requiredKeys: [] },
      )
      let run = 0
      await fc.assert(
        fc.asyncProperty(config, config, async (one, other) => {
          const name = `p${run++}`
          const objects = harness.objects
          await objects.apply(widget(name, one), alice)
          const both = await objects.apply(widget(name, other), { ...bob, force: true })
          const again = await objects.apply(widget(name, other), bob)
          expect(again).toEqual(both)
          expect(both.spec).toMatchObject(
            Object.fromEntries(
              Object.entries(other).filter(([field]) => field === 'color' || field === 'words'),
            ),
          )
          await objects.apply(widget(name, {}), { ...alice, force: true })
          const alone = await objects.apply(widget(name, other), bob)
          const fresh = await objects.apply(widget(`${name}-fresh`, other), bob)
          expect(sorted(alone.spec)).toEqual(sorted(fresh.spec))
          await objects.apply(widget(name, {}), bob)
          expect(await spec(name)).toEqual({ size: 1 })
        }),
        { numRuns: 60 },
      )
    })
  })
}

/** The order of items of different owners is not promised to be that of one of them. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => JSON.stringify(item)).toSorted()
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, sorted(item)]))
}
