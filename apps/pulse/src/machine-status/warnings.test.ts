import { expect, test } from 'vitest'
import { groupWarnings } from './warnings.ts'

const now = new Date('2026-01-01T12:00:00Z')

function event(name: string, more: object = {}) {
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace: 'instance-acme' },
    type: 'Warning',
    reason: 'BackOff',
    count: 3,
    message: `back-off of ${name}`,
    lastTimestamp: '2026-01-01T11:50:00Z',
    involvedObject: { kind: 'Pod', namespace: 'instance-acme', name, uid: name },
    ...more,
  }
}

test('warnings of one reason are counted together, with the newest of them', () => {
  const newer = event('b', { lastTimestamp: '2026-01-01T11:55:00Z' })
  expect(groupWarnings([event('a'), newer], now)).toEqual([
    {
      ...{ reason: 'BackOff', kind: 'Pod', count: 6, objects: 2 },
      ...{ lastSeen: '2026-01-01T11:55:00Z', object: 'instance-acme/b' },
      message: 'back-off of b',
    },
  ])
})

test('what is older than an hour, and what is no warning, is left out', () => {
  const old = event('a', { lastTimestamp: '2026-01-01T10:59:59Z' })
  expect(groupWarnings([old, event('b', { type: 'Normal' })], now)).toEqual([])
})
