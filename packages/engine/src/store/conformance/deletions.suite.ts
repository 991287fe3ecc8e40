import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  type CreateHarness,
  fieldsRefused,
  type Harness,
  isMissing,
  manager,
  mustGet,
  refusalOf,
  widget,
  widgetRef,
} from './harness.ts'

export function describeDeletions(createHarness: CreateHarness): void {
  describe('deletion', () => {
    let harness: Harness
    beforeEach(async () => {
      harness = await createHarness()
    })
    afterEach(() => harness.close())

    const held = widget('a', {}, { finalizers: ['test.pulse/hold'] })

    test('an object without finalizers goes at once, and its name is free', async () => {
      const first = await harness.objects.create(widget('a', { color: 'red' }), manager)
      const last = await harness.objects.delete(widgetRef('a'))
      expect(last).toMatchObject({ spec: { color: 'red' }, metadata: { uid: first.metadata.uid } })
      expect(await harness.peer.get(widgetRef('a'))).toBeUndefined()
      expect(await isMissing(harness.objects.delete(widgetRef('a')))).toBe(true)
      const second = await harness.objects.create(widget('a'), manager)
      expect(second.metadata.uid).not.toBe(first.metadata.uid)
    })

    test('finalizers hold it, marked, until the last is let go', async () => {
      await harness.objects.create(held, manager)
      const marked = await harness.objects.delete(widgetRef('a'))
      expect(marked.metadata.deletionTimestamp).toMatch(/Z$/)
      expect(await harness.objects.delete(widgetRef('a'))).toEqual(marked)
      await harness.peer.patch(
        widgetRef('a'),
        { type: 'merge', patch: { metadata: { finalizers: null } } },
        manager,
      )
      expect(await harness.objects.get(widgetRef('a'))).toBeUndefined()
    })

    test('a marked object can be written, but not held longer or called back', async () => {
      await harness.objects.create(held, manager)
      const marked = await harness.objects.delete(widgetRef('a'))
      const more = widget('a', {}, { finalizers: ['test.pulse/hold', 'test.pulse/more'] })
      expect(await fieldsRefused(harness.objects.update(more, manager))).toEqual([
        'metadata.finalizers',
      ])
      const revived = await harness.objects.update({ ...held, spec: { size: 2 } }, manager)
      expect(revived).toMatchObject({
        spec: { size: 2 },
        metadata: { deletionTimestamp: marked.metadata.deletionTimestamp },
      })
    })

    test('a unique name stays taken until the object is gone', async () => {
      await harness.objects.create(
        widget('a', { host: 'acme' }, { finalizers: ['test.pulse/hold'] }),
        manager,
      )
      await harness.objects.delete(widgetRef('a'))
      const early = harness.objects.create(widget('b', { host: 'acme' }), manager)
      expect(await fieldsRefused(early)).toEqual(['spec.host'])
      await harness.objects.update(widget('a', { host: 'acme' }), manager)
      await harness.objects.create(widget('b', { host: 'acme' }), manager)
    })

    test('preconditions protect a successor of the same name', async () => {
      const { metadata } = await harness.objects.create(widget('a'), manager)
      for (const preconditions of [{ uid: 'another' }, { resourceVersion: '999' }]) {
        const attempt = harness.objects.delete(widgetRef('a'), { preconditions })
        expect(await refusalOf(attempt)).toMatchObject({ reason: 'Conflict' })
      }
      const { uid = '', resourceVersion = '' } = metadata
      await harness.objects.delete(widgetRef('a'), { preconditions: { uid, resourceVersion } })
      expect(await harness.objects.get(widgetRef('a'))).toBeUndefined()
    })

    test('foreground and orphan deletion wait for the garbage collector', async () => {
      for (const [policy, finalizer] of [
        ['Foreground', 'foregroundDeletion'],
        ['Orphan', 'orphan'],
      ] as const) {
        await harness.objects.create(widget('a'), manager)
        await harness.objects.delete(widgetRef('a'), { propagationPolicy: policy })
        const marked = await mustGet(harness.objects, widgetRef('a'))
        expect(marked.metadata.finalizers).toEqual([finalizer])
        await harness.objects.delete(widgetRef('a'), { propagationPolicy: 'Background' })
        expect(await harness.objects.get(widgetRef('a'))).toBeUndefined()
      }
    })
  })
}
