import { lifeAnnotation } from '@pulse/api'
import type { LifeRecord } from '@pulse/gateway'
import { expect, test } from 'vitest'
import { lifePatch, readLifeRecord } from './life-record.ts'

function deploymentWith(replicas: number, annotation?: string) {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'odoo-acme',
      ...(annotation !== undefined && { annotations: { [lifeAnnotation]: annotation } }),
    },
    spec: { replicas },
  }
}

const records: readonly LifeRecord[] = [
  { generation: 3, state: 'up', words: [], since: 1_700_000_000_000.5 },
  { generation: 3, state: 'draining', words: ['one', 'two'], since: 1 },
  { generation: 3, state: 'draining', words: ['one'], since: 1, isOrdered: true },
  { generation: 3, state: 'down', words: [], since: 1 },
  { generation: 4, state: 'up', words: [], since: 1, wokenAt: 1_700_000_000_000 },
]

test.each(records)('what the gateways agree on is read as it was written: %j', (record) => {
  const { metadata, spec } = lifePatch(record, '7')
  expect(metadata.resourceVersion).toBe('7')
  expect(spec.replicas).toBe(record.state === 'down' ? 0 : 1)
  const written = deploymentWith(spec.replicas, metadata.annotations[lifeAnnotation])
  expect(readLifeRecord(written)).toEqual(record)
})

test('who scales by hand is believed, and the next life is another one', () => {
  const up = JSON.stringify(records[0])
  expect(readLifeRecord(deploymentWith(0, up))).toMatchObject({ state: 'down', generation: 3 })
  const down = JSON.stringify(records[3])
  expect(readLifeRecord(deploymentWith(1, down))).toMatchObject({ state: 'up', generation: 4 })
})

test.each([undefined, '', '{', '[]', '{"generation":"1","state":"up"}', '{"state":"asleep"}'])(
  'what is no record counts as none: %j',
  (annotation) => {
    const none = { generation: 0, state: 'up', words: [], since: 0 }
    expect(readLifeRecord(deploymentWith(1, annotation))).toEqual(none)
  },
)
