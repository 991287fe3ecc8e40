import { expect, test } from 'vitest'
import { groupWaiting } from './waiting.ts'

const building = {
  type: 'DatabaseReady',
  status: 'False',
  reason: 'TemplateBuilding',
  message: 'waits for template basic-18',
}
const notReady = { type: 'Ready', status: 'False', reason: 'Creating', message: 'waits' }
const shared = { type: 'Isolated', status: 'False', reason: 'SharedWorkers' }

function environment(name: string, conditions: readonly object[], metadata: object = {}) {
  const kind = 'TenantEnvironment'
  return { apiVersion: 'v1', kind, metadata: { name, ...metadata }, status: { conditions } }
}

test('those that wait for the same thing are one group with its number, the first names and why', () => {
  const names = ['a-prod', 'b-prod', 'c-prod', 'd-prod', 'e-prod']
  const many = names.map((name) => environment(name, [notReady, building, shared]))
  expect(groupWaiting(many)).toEqual([
    {
      ...{ kind: 'TenantEnvironment', condition: 'DatabaseReady', reason: 'TemplateBuilding' },
      message: 'waits for template basic-18',
      count: 5,
      names: ['a-prod', 'b-prod', 'c-prod'],
    },
  ])
})

test('the largest group stands first', () => {
  const routed = { type: 'RouteReady', status: 'False', reason: 'WaitingForGateway' }
  const groups = groupWaiting([
    environment('a', [routed]),
    environment('b', [building]),
    environment('c', [building]),
  ])
  expect(groups.map(({ reason, count }) => [reason, count])).toEqual([
    ['TemplateBuilding', 2],
    ['WaitingForGateway', 1],
  ])
})

test('of one that is being deleted its teardown is told, and of one that nothing was said of, that', () => {
  const deleting = { type: 'Ready', status: 'False', reason: 'Deleting', message: 'database' }
  const groups = groupWaiting([
    environment('a', [deleting, building], { deletionTimestamp: '2026-01-01T00:00:00Z' }),
    environment('b', []),
  ])
  expect(groups.map(({ condition, reason }) => [condition, reason])).toEqual([
    ['Ready', 'Deleting'],
    ['DatabaseReady', 'TemplateBuilding'],
    ['Ready', 'Unknown'],
  ])
})

test('what a tenant has written is one line that moves no terminal', () => {
  const crash = { ...building, message: 'boom \u001b[2J\nmore' }
  const [group] = groupWaiting([environment('a', [crash])])
  expect(group?.message).not.toMatch(/\p{Control}/u)
})
