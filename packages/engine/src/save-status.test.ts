import { randomUUID } from 'node:crypto'
import { createKinds, refOf } from '@pulse/api'
import { expect, test } from 'vitest'
import { createEchoes } from './echoes.ts'
import { makeDeployment } from './machine/machine-world.suite.ts'
import { saveStatus } from './save-status.ts'
import { createMemoryObjects } from './store/memory.ts'

const manager = { fieldManager: 'test' }

async function openDeployment() {
  const { findKind } = await createKinds()
  const objects = createMemoryObjects({
    kinds: findKind,
    now: () => new Date(),
    newUid: randomUUID,
  })
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'acme' } }
  await objects.create(namespace, manager)
  const seen = await objects.create(makeDeployment('a'), manager)
  const echoes = createEchoes()
  return {
    objects,
    seen,
    async save() {
      await saveStatus(seen, { replicas: 1 }, { ...manager, objects, echoes })
      const stored = await objects.get(refOf(seen))
      if (stored === undefined) throw new Error('it is gone')
      return { stored, isEcho: (gone = false) => echoes.isEcho(stored, gone) }
    },
  }
}

test('a status that was written onto what was read is an echo, once', async () => {
  const { save } = await openDeployment()
  const { isEcho } = await save()
  expect(isEcho()).toBe(true)
  expect(isEcho()).toBe(false)
})

test('one that was written beside a change that was not read is none: its own news may have been missed', async () => {
  const { objects, seen, save } = await openDeployment()
  const patch = { metadata: { labels: { by: 'another' } } }
  await objects.patch(refOf(seen), { type: 'merge', patch }, manager)
  expect((await save()).isEcho()).toBe(false)
})

test('what is gone is news, and forgotten', async () => {
  const { save } = await openDeployment()
  const { isEcho } = await save()
  expect(isEcho(true)).toBe(false)
  expect(isEcho()).toBe(false)
})
