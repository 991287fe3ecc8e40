import { expect, test } from 'vitest'
import { createClientKinds, createKinds } from '../registry.ts'
import { findUnknownFields } from '../unknown-fields.ts'

const { kinds, findKind } = await createKinds()
const builtIn = kinds.filter(({ structural }) => !structural)

function unknown(apiVersion: string, kind: string, object: object): readonly string[] {
  return findUnknownFields(object, findKind(apiVersion, kind).schema).map(({ path }) => path)
}

test.each(builtIn)('$kind: its fields are known, and others are not', ({ schema, hasStatus }) => {
  const object = { apiVersion: '', kind: '', metadata: { name: '' }, status: hasStatus ? {} : null }
  expect(findUnknownFields({ ...object, statis: 1, metdata: {} }, schema)).toMatchObject([
    ...(hasStatus ? [] : [{ path: 'status' }]),
    { path: 'statis' },
    { path: 'metdata', nearest: 'metadata' },
  ])
})

test('unknown fields are found in lists, in templates, and by what was meant', () => {
  const main = { name: 'main', images: 'a', env: [{ name: 'A', valu: '1' }] }
  const spec = { replica: 1, template: { spec: { containers: [main], initContainer: [] } } }
  expect(findUnknownFields({ spec }, findKind('apps/v1', 'Deployment').schema)).toEqual([
    { path: 'spec.replica', nearest: 'replicas' },
    { path: 'spec.template.spec.containers[0].images', nearest: 'image' },
    { path: 'spec.template.spec.containers[0].env[0].valu', nearest: 'value' },
    { path: 'spec.template.spec.initContainer', nearest: 'initContainers' },
  ])
})

test('names that are free are everybody’s: of labels, of data, of limits', () => {
  const labels = { metadata: { labels: { any: 'x' }, annotations: { 'a/b': 'x' } } }
  expect(unknown('v1', 'ConfigMap', { ...labels, data: { any: 'x' } })).toEqual([])
  expect(unknown('v1', 'ResourceQuota', { spec: { hard: { 'count/jobs.batch': '1' } } })).toEqual(
    [],
  )
  const managed = { metadata: { managedFields: [{ fieldsV1: { 'f:data': { 'f:a': {} } } }] } }
  expect(unknown('v1', 'ConfigMap', managed)).toEqual([])
})

test('fields that a type has from another one are known too', () => {
  const rules = [{ backendRefs: [{ name: 'a', port: 80, weight: 1, filter: [] }] }]
  const spec = { parentRefs: [{ name: 'gateway', sektion: 'a' }], rules }
  expect(unknown('gateway.networking.k8s.io/v1', 'HTTPRoute', { spec })).toEqual([
    'spec.parentRefs[0].sektion',
    'spec.rules[0].backendRefs[0].filter',
  ])
})

test('clients, which leave the checking to the server, know no fields', () => {
  const { schema } = createClientKinds().findKind('apps/v1', 'Deployment')
  expect(findUnknownFields({ spec: { replica: 1 }, more: 1 }, schema)).toEqual([])
})
