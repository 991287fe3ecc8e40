import { randomUUID } from 'node:crypto'
import { createKinds, parseDomains, refOf, taskNamespace } from '@pulse/api'
import { templateFactsName } from '@pulse/compositions'
import { createMemoryObjects } from '@pulse/engine'
import type { LineState } from '@pulse/odoo'
import { expect, test } from 'vitest'
import { ensureTemplates } from './first-templates.ts'
import { createTellStandbys } from './tell-standbys.ts'

const facts = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: taskNamespace, name: templateFactsName('basic-18') },
}
const standing = (ready: number): readonly LineState[] => [
  { line: { edition: 'basic', major: '18', hosting: 'pool' }, ready, target: 1, reason: 'Enough' },
]

async function openStore() {
  const domains = parseDomains({ tenant: 'localhost', dev: 'localhost' })
  const { findKind } = await createKinds({ domains })
  const objects = createMemoryObjects({
    kinds: findKind,
    now: () => new Date(0),
    newUid: randomUUID,
  })
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: taskNamespace } }
  await objects.create(namespace, { fieldManager: 'test' })
  return objects
}

test('a template is told how many databases stand ready for it, once for each number', async () => {
  const objects = await openStore()
  await ensureTemplates(objects, [{ major: '18', version: '18.0', standIn: false }])
  await objects.create(facts, { fieldManager: 'test' })
  const tell = createTellStandbys(objects)

  await tell(standing(1))
  const first = await objects.get(refOf(facts))
  expect(first?.data).toEqual({ standbys: '1' })
  await tell(standing(1))
  expect(await objects.get(refOf(facts))).toEqual(first)
  await tell(standing(0))
  expect((await objects.get(refOf(facts)))?.data).toEqual({ standbys: '0' })
})

test('the standbys of both hostings of a template are told as one number', async () => {
  const objects = await openStore()
  await ensureTemplates(objects, [{ major: '18', version: '18.0', standIn: false }])
  await objects.create(facts, { fieldManager: 'test' })
  const instances = standing(2).map((state) => ({
    ...state,
    line: { ...state.line, hosting: 'instance' as const },
  }))
  await createTellStandbys(objects)([...standing(1), ...instances])
  expect((await objects.get(refOf(facts)))?.data).toEqual({ standbys: '3' })
})

test('nothing is written for a template whose resource or facts are not there', async () => {
  const objects = await openStore()
  await createTellStandbys(objects)(standing(1))
  expect(await objects.get(refOf(facts))).toBeUndefined()
  await objects.create(facts, { fieldManager: 'test' })
  await createTellStandbys(objects)(standing(1))
  expect((await objects.get(refOf(facts)))?.data).toBeUndefined()
})
