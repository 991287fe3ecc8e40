import { expect, test } from 'vitest'
import { exitCodes } from '../exit.ts'
import type { Cluster } from './context.ts'
import { createTestCommand } from './pulse-command.suite.ts'

/** Tells what was asked for, in place of a log. */
const echo: Cluster['logs'] = async function* (query) {
  yield Buffer.from(JSON.stringify(query))
}

function withLogs() {
  const command = createTestCommand({ connect: async () => ({ ...command.cluster, logs: echo }) })
  return command
}

const asked = { follow: false, previous: false }

test.each([
  ['one -n team', { namespace: 'team', pod: 'one' }],
  ['pod/one', { namespace: 'default', pod: 'one' }],
  [
    'pods/one -n team -p -c main',
    { namespace: 'team', pod: 'one', previous: true, container: 'main' },
  ],
  ['pod/one -f --tail 5', { namespace: 'default', pod: 'one', follow: true, tailLines: 5 }],
  ['pod/one --tail=-1', { namespace: 'default', pod: 'one' }],
  ['pod/one --tail -1', { namespace: 'default', pod: 'one' }],
])('logs %s', async (line, query) => {
  const { pulse, written } = withLogs()
  await pulse('logs', ...line.split(' '))
  expect(JSON.parse(written.out)).toEqual({ ...asked, ...query })
})

test.each([
  ['acme --since 5m', /^--since is not supported: the lines of a log carry no time here; --tail /],
  ['acme --since-time=2026-01-01T00:00:00Z', /^--since-time is not supported: /],
  ['acme --timestamps', /^--timestamps is not supported: /],
  ['acme -l app=odoo', /^--selector is not supported: one log at a time/],
  ['acme --all-containers', /^--all-containers is not supported: .* -c$/],
  ['acme --tail few', /^--tail few: a number of lines is expected/],
  ['deployment/odoo', /^deployment\/odoo has no log: name a tenant/],
])('logs %s is refused with the reason, before the server is asked', async (line, message) => {
  const { pulse } = createTestCommand({ connect: () => Promise.reject(new Error('asked')) })
  await expect(pulse('logs', ...line.split(' '))).rejects.toMatchObject({
    exitCode: exitCodes.usage,
    message: expect.stringMatching(message),
  })
})

test('of one that sleeps or is suspended it is said that its log is gone, and how to have another', async () => {
  const { pulse, store } = withLogs()
  const writer = { fieldManager: 'test' }
  const apiVersion = 'planapulse.com/v1alpha1'
  const owner = { ownerEmail: 'owner@example.com', ownerName: 'acme' }
  const spec = { subdomain: 'acme', projectId: 1, ...owner }
  await store.create({ apiVersion, kind: 'PLANAClient', metadata: { name: 'acme' }, spec }, writer)
  const environment = await store.create(
    {
      apiVersion,
      kind: 'TenantEnvironment',
      metadata: { name: 'acme-prod' },
      spec: { client: 'acme', name: 'prod', odooVersion: '18', hosting: 'instance' },
    },
    writer,
  )
  const namespace = 'instance-acme'
  await store.update(
    { ...environment, status: { namespace } },
    { ...writer, subresource: 'status' },
  )
  await store.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, writer)
  const labels = { app: 'odoo' }
  const containers = [{ name: 'odoo', image: 'base-18' }]
  const deployment = (replicas: number) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'odoo-acme', namespace },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers } },
    },
  })
  await store.create(deployment(1), writer)
  await expect(pulse('logs', 'acme')).rejects.toThrow('has no running worker')
  await store.apply(deployment(0), { ...writer, force: true })
  await expect(pulse('logs', 'acme')).rejects.toThrow(
    'environment "acme" sleeps, and the log of its worker is gone with it: pulse wake acme',
  )
  const client = { apiVersion, kind: 'PLANAClient', metadata: { name: 'acme' } }
  await store.apply(
    { ...client, spec: { ...spec, status: 'suspended' } },
    { ...writer, force: true },
  )
  await expect(pulse('logs', 'acme-prod')).rejects.toThrow(
    'environment "acme-prod" is suspended, and the log of its worker is gone: pulse resume acme has',
  )
})
