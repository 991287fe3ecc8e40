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

export function describeWrites(createHarness: CreateHarness): void {
  describe('writes', () => {
    let harness: Harness
    beforeEach(async () => {
      harness = await createHarness()
    })
    afterEach(() => harness.close())

    test('a stale write is refused, one without a version overwrites', async () => {
      const first = await harness.objects.create(widget('a'), manager)
      await harness.peer.update({ ...first, spec: { size: 2 } }, manager)
      const refusal = await refusalOf(
        harness.objects.update({ ...first, spec: { size: 3 } }, manager),
      )
      expect(refusal).toMatchObject({ reason: 'Conflict', code: 409 })
      await harness.objects.update(widget('a', { size: 4 }), manager)
      expect(await mustGet(harness.peer, widgetRef('a'))).toMatchObject({ spec: { size: 4 } })
    })

    test('of simultaneous updates of one version one wins', async () => {
      const first = await harness.objects.create(widget('a'), manager)
      const attempts = await Promise.allSettled(
        [1, 2, 3, 4].map((size) =>
          (size % 2 === 0 ? harness.objects : harness.peer).update(
            { ...first, spec: { size: size * 10 } },
            manager,
          ),
        ),
      )
      expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    })

    test('the identity of an object cannot be changed', async () => {
      const first = await harness.objects.create(widget('a'), manager)
      const updated = await harness.objects.update(
        widget('a', { size: 2 }, { creationTimestamp: '2000-01-01T00:00:00Z', generation: 77 }),
        manager,
      )
      expect(updated.metadata).toMatchObject({
        uid: first.metadata.uid,
        creationTimestamp: first.metadata.creationTimestamp,
        generation: 2,
      })
      const other = widget('a', {}, { uid: '00000000-0000-0000-0000-000000000000' })
      expect(await refusalOf(harness.objects.update(other, manager))).toMatchObject({ code: 409 })
    })

    test('immutable fields stay', async () => {
      await harness.objects.create(widget('a', { fixed: 'x' }), manager)
      const changed = harness.objects.update(widget('a', { fixed: 'y' }), manager)
      expect(await fieldsRefused(changed)).toEqual(['spec.fixed'])
    })

    test('a write that changes nothing is not one', async () => {
      const first = await harness.objects.create(widget('a', { color: 'red' }), manager)
      const again = await harness.objects.update(widget('a', { color: 'red' }), manager)
      expect(again).toEqual(first)
      const patch = { type: 'merge', patch: { spec: { color: 'red' } } } as const
      expect(await harness.objects.patch(widgetRef('a'), patch, manager)).toEqual(first)
    })

    test('the generation counts changes of the spec only', async () => {
      await harness.objects.create(widget('a'), manager)
      const labelled = widget('a', {}, { labels: { tier: 'x' } })
      expect((await harness.objects.update(labelled, manager)).metadata.generation).toBe(1)
      const status = { ...labelled, status: { replicas: 1 } }
      const reported = await harness.objects.update(status, { ...manager, subresource: 'status' })
      expect(reported.metadata.generation).toBe(1)
      const resized = await harness.objects.update({ ...labelled, spec: { size: 5 } }, manager)
      expect(resized.metadata.generation).toBe(2)
    })

    test('spec and status are written apart', async () => {
      const created = await harness.objects.create(
        { ...widget('a'), status: { forged: true } },
        manager,
      )
      expect(created.status).toBeUndefined()
      const both = { ...widget('a', { size: 9 }), status: { replicas: 3 } }
      const reported = await harness.objects.update(both, { ...manager, subresource: 'status' })
      expect(reported).toMatchObject({ spec: { size: 1 }, status: { replicas: 3 } })
      const resized = await harness.objects.update(
        { ...widget('a', { size: 9 }), status: { replicas: 99 } },
        manager,
      )
      expect(resized).toMatchObject({ spec: { size: 9 }, status: { replicas: 3 } })
    })

    test('a kind without the subresource keeps its status with the rest', async () => {
      const created = await harness.objects.create(note('n', { status: 'kept' }), manager)
      expect(created.status).toBe('kept')
      const attempt = harness.objects.update(note('n'), { ...manager, subresource: 'status' })
      expect(await isMissing(attempt)).toBe(true)
    })

    test('a dry run answers as the write would and leaves no trace', async () => {
      const dry = { ...manager, dryRun: true }
      const answer = await harness.objects.create(widget('a', { host: 'acme' }), dry)
      expect(answer.spec).toEqual({ host: 'acme', size: 1 })
      expect(answer.metadata.resourceVersion).toBeUndefined()
      expect(await harness.objects.get(widgetRef('a'))).toBeUndefined()
      const real = await harness.objects.create(widget('b', { host: 'acme' }), manager)
      const patched = await harness.objects.patch(
        widgetRef('b'),
        { type: 'merge', patch: { spec: { size: 7 } } },
        dry,
      )
      expect(patched.metadata.resourceVersion).toBe(real.metadata.resourceVersion)
      await harness.objects.delete(widgetRef('b'), { dryRun: true })
      expect(await harness.objects.get(widgetRef('b'))).toEqual(real)
    })

    test('the scale is read and written without the rest', async () => {
      await harness.objects.create(widget('a', { replicas: 1, selector: 'app=a' }), manager)
      const scale = await harness.objects.patch(
        widgetRef('a'),
        { type: 'merge', patch: { spec: { replicas: 3 } } },
        { ...manager, subresource: 'scale' },
      )
      expect(scale).toMatchObject({
        kind: 'Scale',
        spec: { replicas: 3 },
        status: { replicas: 0, selector: 'app=a' },
      })
      expect(await mustGet(harness.objects, widgetRef('a'))).toMatchObject({
        metadata: { generation: 2 },
        spec: { replicas: 3, size: 1 },
      })
      const broken = harness.objects.patch(
        widgetRef('a'),
        { type: 'merge', patch: { spec: { replicas: -1 } } },
        { ...manager, subresource: 'scale' },
      )
      expect(await fieldsRefused(broken)).toEqual(['spec.replicas'])
    })

    test('patches of all three types', async () => {
      await harness.objects.create(
        widget('a', { tags: ['x'], ports: [{ port: 80 }], parts: [{ name: 'p', image: 'one' }] }),
        manager,
      )
      const json = [
        { op: 'test', path: '/spec/tags/0', value: 'x' },
        { op: 'add', path: '/spec/tags/-', value: 'y' },
      ]
      await harness.objects.patch(widgetRef('a'), { type: 'json', patch: json }, manager)
      await harness.objects.patch(
        widgetRef('a'),
        { type: 'strategic', patch: { spec: { parts: [{ name: 'q' }], tags: ['z'] } } },
        manager,
      )
      await harness.objects.patch(
        widgetRef('a'),
        { type: 'merge', patch: { spec: { ports: [], size: null } } },
        manager,
      )
      expect((await mustGet(harness.objects, widgetRef('a'))).spec).toEqual({
        size: 1,
        tags: ['x', 'y', 'z'],
        ports: [],
        parts: [{ name: 'p', image: 'one' }, { name: 'q' }],
      })
    })

    test('a patch can neither rename nor poison', async () => {
      await harness.objects.create(widget('a'), manager)
      const rename = { type: 'merge', patch: { metadata: { name: 'b' } } } as const
      expect(await refusalOf(harness.objects.patch(widgetRef('a'), rename, manager))).toMatchObject(
        {
          code: 400,
        },
      )
      const poison = JSON.parse('{"spec":{"__proto__":{"polluted":true}}}')
      await refusalOf(
        harness.objects.patch(widgetRef('a'), { type: 'merge', patch: poison }, manager),
      )
      const pointer = [{ op: 'add', path: '/spec/__proto__/polluted', value: true }]
      await harness.objects
        .patch(widgetRef('a'), { type: 'json', patch: pointer }, manager)
        .catch(() => undefined)
      expect(Object.keys(Object.prototype)).toEqual([])
      expect('polluted' in {}).toBe(false)
    })
  })
}
