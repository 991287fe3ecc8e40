import { randomUUID } from 'node:crypto'
import { type Cause, createKinds } from '@pulse/api'
import { beforeEach, expect, test } from 'vitest'
import type { Objects } from '../objects.ts'
import { fieldsRefused, manager, widget, widgetRef } from './conformance/harness.ts'
import { testKinds } from './conformance/kinds.ts'
import { createMemoryObjects } from './memory.ts'

const now = () => new Date('2026-01-01T00:00:00Z')
const newUid = () => randomUUID()

/** Rules that a newer version of a kind adds to objects that are already stored. */
let added: readonly Cause[]
let objects: Objects
beforeEach(() => {
  added = []
  const definition = testKinds('test.pulse/v1', 'Widget')
  const grown = {
    ...definition,
    validate: (...given: Parameters<typeof definition.validate>) => [
      ...definition.validate(...given),
      ...added,
    ],
  }
  objects = createMemoryObjects({ kinds: () => grown, now, newUid })
})

const rule = (field: string): Cause => ({ reason: 'FieldValueInvalid', field, message: 'is new' })
const status = { ...manager, subresource: 'status' } as const

test('what was legal once can still be labelled, reported on and let go of', async () => {
  const old = widget('a', { color: 'red' }, { finalizers: ['test.pulse/hold'] })
  await objects.create(old, manager)
  added = [rule('spec.color')]
  const patch = { type: 'merge', patch: { metadata: { labels: { a: 'b' } } } } as const
  await objects.patch(widgetRef('a'), patch, manager)
  await objects.update({ ...old, status: { replicas: 1 } }, status)
  const changed = objects.update({ ...old, spec: { color: 'red', size: 2 } }, manager)
  expect(await fieldsRefused(changed)).toEqual(['spec.color'])
  await objects.delete(widgetRef('a'))
  await objects.update(widget('a', { color: 'red' }), manager)
  expect(await objects.get(widgetRef('a'))).toBeUndefined()
})

test('a status that is no longer legal does not keep the spec from being written', async () => {
  await objects.create(widget('a'), manager)
  await objects.update({ ...widget('a'), status: { replicas: 'many' } }, status)
  added = [rule('status.replicas')]
  await objects.update(widget('a', { size: 2 }), manager)
  const again = objects.update({ ...widget('a'), status: { replicas: 'few' } }, status)
  expect(await fieldsRefused(again)).toEqual(['status.replicas'])
})

test('the kinds that Pulse composes: a repeated apply is nothing, what is immutable stays', async () => {
  const { findKind } = await createKinds()
  const store = createMemoryObjects({ kinds: findKind, now, newUid })
  const pulse = { fieldManager: 'pulse' }
  const template = (image: string) => ({
    metadata: { labels: { app: 'x' } },
    spec: {
      restartPolicy: 'Never',
      containers: [
        { name: 'c', image, env: [{ name: 'A', value: '1' }], ports: [{ containerPort: 8069 }] },
      ],
    },
  })
  const job = (image: string) => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'j', namespace: 'default' },
    spec: { backoffLimit: 3, template: template(image) },
  })
  const claim = (storage: string, mode: string) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'p', namespace: 'default' },
    spec: { accessModes: [mode], resources: { requests: { storage } } },
  })
  const deployment = (app: string) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd', namespace: 'default' },
    spec: {
      selector: { matchLabels: { app } },
      template: {
        metadata: { labels: { app } },
        spec: { containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 8069 }] }] },
      },
    },
  })
  for (const [first, second] of [
    [job('a'), job('b')],
    [claim('1Gi', 'ReadWriteOnce'), claim('1Gi', 'ReadWriteMany')],
    [deployment('x'), deployment('y')],
  ] as const) {
    const applied = await store.apply(first, pulse)
    expect(await store.apply(first, pulse)).toEqual(applied)
    const refused = await fieldsRefused(store.apply(second, { ...pulse, force: true }))
    expect(refused.length, first.kind).toBeGreaterThan(0)
  }
})
