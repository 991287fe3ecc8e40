import { createAdministration } from '@pulse/odoo'
import { expect, test } from 'vitest'
import { createTestCommand } from '../commands/pulse-command.suite.ts'
import { createRoutingTable } from '../routing/routing-table.ts'
import { collectStatus } from './collect.ts'

/** A server that is not there. */
const administration = createAdministration({
  admin: { host: '/nowhere' },
  tenant: { host: '127.0.0.1', port: 1 },
})

test('what does not answer is told as a problem, and the rest is told all the same', async () => {
  const { store } = createTestCommand()
  await store.create(
    {
      apiVersion: 'planapulse.com/v1alpha1',
      kind: 'PLANAClient',
      metadata: { name: 'acme' },
      spec: { subdomain: 'acme', projectId: 1, ownerEmail: 'a@acme.bg', ownerName: 'Acme' },
    },
    { fieldManager: 'test' },
  )
  const status = await collectStatus(
    {
      objects: store,
      table: createRoutingTable({ tenant: 'localhost', dev: 'dev.localhost' }),
      administration,
      runtimes: { all: () => [{ major: '18', version: '18.0', command: ['x'], standIn: true }] },
      standbys: () => [
        {
          line: { edition: 'basic', major: '18', hosting: 'pool' },
          ...{ ready: 1, target: 2, reason: 'DiskNearlyFull' },
        },
      ],
      runningPods: () => 3,
      troubles: () => ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => `the row of ${name}`),
      now: () => new Date(),
    },
    AbortSignal.timeout(10_000),
  )
  expect(status).toMatchObject({
    ...{ clients: 1, readyClients: 0, environments: 0, runningPods: 3 },
    standbys: [{ template: 'basic-18', hosting: 'pool', ready: 1, wanted: 2 }],
    runtimes: [
      { major: '18', standIn: true, forks: false, message: 'unknown: the Node says nothing' },
    ],
  })
  expect(status.postgres).toBeUndefined()
  expect(status.problems).toEqual([
    expect.stringMatching(/^PostgreSQL: /),
    ...['a', 'b', 'c', 'd', 'e'].map((name) => `the row of ${name}`),
    'and 2 more',
  ])
})
