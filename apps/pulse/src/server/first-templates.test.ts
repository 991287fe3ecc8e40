import { randomUUID } from 'node:crypto'
import { createKinds, parseDomains } from '@pulse/api'
import { createMemoryObjects, type Objects } from '@pulse/engine'
import { beforeEach, expect, test } from 'vitest'
import { requestTemplate, templateKind } from '../commands/template-request.ts'
import { ensureTemplates } from './first-templates.ts'

const standIn = { major: '18', version: '18.0', standIn: true } as const
const odoo = { ...standIn, standIn: false }
const ref = { ...templateKind, name: 'basic-18' }
let objects: Objects

beforeEach(async () => {
  const kinds = await createKinds({
    domains: parseDomains({ tenant: 'localhost', dev: 'localhost' }),
  })
  objects = createMemoryObjects({
    kinds: kinds.findKind,
    now: () => new Date(0),
    newUid: randomUUID,
  })
})

const imported = (rev: string) =>
  requestTemplate(objects, { edition: 'basic', major: '18', dump: '/a.dump', rev })
const sourceOf = async () => (await objects.get(ref))?.spec
const generationOf = async () => (await objects.get(ref))?.metadata.generation

test('each served major gets both templates, once', async () => {
  await ensureTemplates(objects, [standIn])
  await ensureTemplates(objects, [standIn])
  const { items } = await objects.list(templateKind)
  expect(items.map(({ metadata }) => [metadata.name, metadata.generation])).toEqual([
    ['basic-18', 1],
    ['pro-18', 1],
  ])
})

test('what the stand-in has installed is made anew for Odoo', async () => {
  await ensureTemplates(objects, [standIn])
  await ensureTemplates(objects, [odoo])
  expect(await sourceOf()).toMatchObject({ rev: 'odoo-18.0', source: { install: {} } })
  expect(await generationOf()).toBe(2)
})

test('an imported template takes the place of an installed one, and no other runtime touches it', async () => {
  await ensureTemplates(objects, [standIn])
  await imported('1')
  await ensureTemplates(objects, [odoo])
  expect(await sourceOf()).toEqual({
    edition: 'basic',
    odooVersion: '18',
    modules: [],
    rev: '1',
    source: { dump: '/a.dump' },
  })
})

test('the same import again changes nothing, other files do', async () => {
  await imported('1')
  await imported('1')
  expect(await generationOf()).toBe(1)
  await imported('2')
  expect(await generationOf()).toBe(2)
})

test('the same import after a failure is another attempt', async () => {
  const made = await imported('1')
  const failed = { type: 'DatabaseReady', status: 'False', reason: 'BuildFailed', message: 'no' }
  await objects.update(
    { ...made, status: { conditions: [failed] } },
    { fieldManager: 'test', subresource: 'status' },
  )
  await imported('1')
  const attempt = await imported('1')
  expect(attempt.metadata.annotations).toEqual({ 'planapulse.com/retry': '2' })
})
