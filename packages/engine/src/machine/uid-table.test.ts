import { randomUUID } from 'node:crypto'
import { createKinds } from '@pulse/api'
import { expect, test } from 'vitest'
import { createMemoryObjects } from '../store/memory.ts'
import { uidAnnotation } from './namespace-uid.ts'
import { createUidTable } from './uid-table.ts'

test('knows who has which uid, of all namespaces, without reading them again', async () => {
  const { objects, lists, namespace } = await openStore()
  for (let index = 0; index < 600; index += 1) await namespace(`n${index}`, 5000 + index)
  const table = createUidTable(objects)
  await table.fill()
  await table.fill()
  expect(lists()).toBe(2)
  expect([5000, 5599, 5600].map(table.isTaken)).toEqual([true, true, false])
  table.take('n0', 7000)
  table.leave('n1')
  expect([5000, 5001, 7000].map(table.isTaken)).toEqual([false, false, true])
})

test('tells the others that say they have the same uid, as they are now', async () => {
  const { objects, namespace } = await openStore()
  const [one, two] = [await namespace('one', 5000), await namespace('two', 5000)]
  const table = createUidTable(objects)
  await table.fill()
  expect(await table.rivalsOf(one)).toEqual([two])
  const annotations = { [uidAnnotation]: '5001' }
  const patch = { type: 'merge', patch: { metadata: { annotations } } } as const
  await objects.patch({ ...kind, name: 'two' }, patch, { fieldManager: 'test' })
  expect(await table.rivalsOf(one)).toEqual([])
})

test('a store that is away is asked again', async () => {
  const { objects, namespace } = await openStore()
  await namespace('one', 5000)
  let isAway = true
  const table = createUidTable({
    ...objects,
    async list(query) {
      if (isAway) throw new Error('away')
      return objects.list(query)
    },
  })
  await expect(table.fill()).rejects.toThrow('away')
  isAway = false
  await table.fill()
  expect(table.isTaken(5000)).toBe(true)
})

const kind = { apiVersion: 'v1', kind: 'Namespace' }

async function openStore() {
  const { findKind } = await createKinds()
  const now = () => new Date()
  const store = createMemoryObjects({ kinds: findKind, now, newUid: randomUUID })
  let lists = 0
  const objects: typeof store = {
    ...store,
    list(query) {
      lists += 1
      return store.list(query)
    },
  }
  const namespace = (name: string, uid: number) => {
    const annotations = { [uidAnnotation]: String(uid) }
    return store.create({ ...kind, metadata: { name, annotations } }, { fieldManager: 'test' })
  }
  return { objects, lists: () => lists, namespace }
}
