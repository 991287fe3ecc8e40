import { createKinds, type KubeObject } from '@pulse/api'
import { createMemoryObjects, type Objects } from '@pulse/engine'
import { beforeEach, expect, test } from 'vitest'
import { createResults } from './results.ts'

const facts = { namespace: 'instance-acme', name: 'acme-facts' }
const ref = { apiVersion: 'v1', kind: 'ConfigMap', ...facts }

let objects: Objects

beforeEach(async () => {
  const { findKind } = await createKinds()
  let uids = 0
  const newUid = () => `uid-${++uids}`
  objects = createMemoryObjects({ kinds: findKind, now: () => new Date(0), newUid })
  const metadata = { name: facts.namespace }
  await create({ apiVersion: 'v1', kind: 'Namespace', metadata })
})

const create = (object: KubeObject) => objects.create(object, { fieldManager: 'test' })
const createFacts = () => create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: facts })

test('what the composition has made is filled, and read again', async () => {
  await create({ apiVersion: 'v1', kind: 'Secret', metadata: facts })
  const results = createResults(objects)
  await results.applySecret(facts, { password: 'парола' })
  expect(await results.getSecret(facts)).toEqual({ password: 'парола' })
})

test('a target that has gone is not made anew, however late the result comes', async () => {
  const results = createResults(objects)
  const late = results.applyConfigMap(facts, { error: 'too late' })
  await expect(late).rejects.toMatchObject({ reason: 'NotFound' })
  expect(await objects.get(ref)).toBeUndefined()
})

test('a target that goes between look and write, or is another by then, is not written', async () => {
  for (const isSucceeded of [false, true]) {
    await createFacts()
    const results = createResults({
      get: async (asked) => {
        const seen = await objects.get(asked)
        await objects.delete(ref)
        if (isSucceeded) await createFacts()
        return seen
      },
      apply: objects.apply,
    })
    const reason = isSucceeded ? 'Conflict' : 'NotFound'
    await expect(results.applyConfigMap(facts, { database: 'old' })).rejects.toMatchObject({
      reason,
    })
    expect((await objects.get(ref))?.data).toBeUndefined()
  }
})
