import { expect, test } from 'vitest'
import { createClientKinds } from '../registry.ts'

const { findKind } = createClientKinds()
const containers = [
  { name: 'odoo', image: 'base-18' },
  { name: 'side', image: 'server' },
]
const template = { spec: { containers } }

test.each([
  ['apps/v1', 'Deployment', { template, selector: { matchLabels: { app: 'a', tier: 'web' } } }],
  ['apps/v1', 'ReplicaSet', { template, selector: { matchLabels: { app: 'a', tier: 'web' } } }],
  ['batch/v1', 'Job', { template, selector: { matchLabels: { app: 'a', tier: 'web' } } }],
])('after the age, -o wide prints what the pods of a %s %s run', (apiVersion, kind, spec) => {
  expect(wide(apiVersion, kind, spec)).toEqual([
    ['Containers', 'odoo,side'],
    ['Images', 'base-18,server'],
    ['Selector', 'app=a,tier=web'],
  ])
})

test('what chooses nothing has an empty cell', () => {
  const spec = { jobTemplate: { spec: { template } } }
  expect(wide('v1', 'Service', {})).toEqual([['Selector', undefined]])
  // As in Kubernetes, which writes the word for a CronJob.
  expect(wide('batch/v1', 'CronJob', spec).at(-1)).toEqual(['Selector', '<none>'])
  expect(wide('v1', 'Service', { selector: { app: 'a' } })).toEqual([['Selector', 'app=a']])
})

function wide(apiVersion: string, kind: string, spec: object) {
  const { columns } = findKind(apiVersion, kind)
  const age = columns.findIndex(({ name }) => name === 'Age')
  const object = { apiVersion, kind, metadata: { name: 'a' }, spec }
  return columns
    .slice(age + 1)
    .filter(({ priority }) => priority === 1)
    .map(({ name, cell }) => [name, cell(object)])
}
