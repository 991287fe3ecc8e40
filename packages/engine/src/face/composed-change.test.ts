import type { KubeObject } from '@pulse/api'
import { afterEach, describe, expect, test } from 'vitest'
import { resourceNameAnnotation } from '../ownership.ts'
import { createAsk } from './ask.suite.ts'
import { client, configMap, manager, type RunningFace, startFace } from './harness.suite.ts'

let face: RunningFace
afterEach(() => face.close())

const { ask } = createAsk(() => face.url)
const path = '/api/v1/namespaces/default/configmaps/facts'

describe('what is composed and changed by hand', () => {
  test('is changed, and whoever changes it is told who sets it again', async () => {
    await composed(client('acme'))
    expect(await warningOf(patch({ data: { a: '2' } }))).toBe(
      '299 - ".data.a: composed by PLANAClient acme, which sets this again"',
    )
    expect((await ask(path)).json.data).toEqual({ a: '2', b: '1' })
  })

  test('is told of with the first fields, and how many more', async () => {
    const data = { a: '1', b: '1', c: '1', d: '1', e: '1' }
    await composed(client('acme'), data)
    expect(await warningOf(patch({ data: null }))).toContain('.data.c and 2 more: composed by')
  })

  test('is no matter for warnings where nobody sets it again', async () => {
    await composed(client('acme'))
    expect(await warningOf(patch({ data: { other: '1' } }))).toBeNull()
    expect(await warningOf(patch({ data: { a: '1' } }))).toBeNull()
    expect(await warningOf(ask(path, { method: 'DELETE' }))).toContain('which makes it again')
    await face.objects.create(configMap('facts', { a: '1' }), manager)
    expect(await warningOf(patch({ data: { a: '2' } }))).toBeNull()
    expect(await warningOf(ask(path, { method: 'DELETE' }))).toBeNull()
  })

  test('goes with what composes it, without a word', async () => {
    await composed(client('acme'))
    await ask('/apis/planapulse.com/v1alpha1/planaclients/acme', { method: 'DELETE' })
    expect(await warningOf(ask(path, { method: 'DELETE' }))).toBeNull()
  })
})

async function composed(owner: KubeObject, data = { a: '1', b: '1' }) {
  face = await startFace()
  const { apiVersion, kind, metadata } = await face.objects.create(owner, manager)
  const { name, uid = '' } = metadata
  const facts = configMap('facts', data)
  const marked = {
    ...facts.metadata,
    annotations: { [resourceNameAnnotation]: 'facts' },
    ownerReferences: [{ apiVersion, kind, name, uid, controller: true }],
  }
  await face.objects.apply({ ...facts, metadata: marked }, { fieldManager: 'pulse' })
}

function patch(send: object) {
  return ask(path, { method: 'PATCH', type: 'application/merge-patch+json', send })
}

async function warningOf(answer: ReturnType<typeof ask>) {
  return (await answer).headers.get('warning')
}
