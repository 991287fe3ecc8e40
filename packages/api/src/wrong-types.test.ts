import { expect, test } from 'vitest'
import { createKinds } from './registry.ts'
import { findWrongTypes } from './wrong-types.ts'

const { schema } = (await createKinds()).findKind('apps/v1', 'Deployment')

function wrong(spec: unknown, metadata: unknown = {}): readonly string[] {
  return findWrongTypes({ metadata, spec }, schema).map(({ path, rule }) => `${path} ${rule}`)
}

function container(fields: object) {
  return { template: { spec: { containers: [{ name: 'a', ...fields }] } } }
}

test.each([
  [{ replicas: 'two' }, 'spec.replicas must be an integer'],
  [{ replicas: 1.5 }, 'spec.replicas must be an integer'],
  [{ paused: 'yes' }, 'spec.paused must be a boolean'],
  [{ template: 'x' }, 'spec.template must be an object'],
  [{ template: [] }, 'spec.template must be an object'],
  [{ template: { spec: { containers: {} } } }, 'spec.template.spec.containers must be an array'],
  [
    container({ env: [{ name: 'A', value: 1 }] }),
    'spec.template.spec.containers[0].env[0].value must be a string: write "1", in quotes',
  ],
  [
    container({ resources: { limits: { cpu: true } } }),
    'spec.template.spec.containers[0].resources.limits.cpu must be a string or number',
  ],
  [
    container({ livenessProbe: { httpGet: { port: {} } } }),
    'spec.template.spec.containers[0].livenessProbe.httpGet.port must be an integer or string',
  ],
])('%j: %s', (spec, told) => {
  expect(wrong(spec)).toEqual([told])
})

test('all of them are told, in metadata too', () => {
  expect(wrong({ replicas: 'two', paused: 1 }, { labels: { a: 5 } })).toEqual([
    'metadata.labels.a must be a string: write "5", in quotes',
    'spec.replicas must be an integer',
    'spec.paused must be a boolean',
  ])
})

test('what Kubernetes takes in more than one form, and null for nothing, is right', () => {
  const amounts = { cpu: 1, memory: '1Gi' }
  const port = { httpGet: { port: 'http' } }
  const fields = { resources: { limits: amounts }, livenessProbe: port, env: null }
  expect(wrong({ ...container(fields), replicas: null })).toEqual([])
  expect(wrong({}, { managedFields: [{ fieldsV1: { 'f:spec': {} } }] })).toEqual([])
})

test('what is not known has no type', () => {
  expect(wrong({ replica: [] })).toEqual([])
})
