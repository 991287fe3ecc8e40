import { apiVersion, parseDomains } from '@pulse/api'
import type { Objects } from '@pulse/engine'
import { createGateway, systemClock } from '@pulse/gateway'
import { createAdministration, createTenantReader, prepareServer } from '@pulse/odoo'
import { createMetrics } from '@pulse/service'
import { type RunningPostgres, startTestPostgres } from '@pulse/testing'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { openLeaseStore } from '../leases/lease-store.suite.ts'
import { createBackendIdentities } from '../routing/backend-identities.ts'
import { createRoutingTable } from '../routing/routing-table.ts'
import { createWaker } from '../routing/waker.ts'
import { silent } from '../silent-log.suite.ts'
import { keepElectedSchedules } from './elected-schedules.ts'
import { metricDefinitions } from './metrics.ts'
import { gatewayNamespace } from './parameters.ts'
import { readReaderPassword } from './reader-password.ts'

const domains = parseDomains({ tenant: 'localhost', dev: 'localhost' })
const patience = { timeout: 45_000, interval: 50 }
/** Its own: the login that reads is one for a server. */
let postgres: RunningPostgres

beforeAll(async () => {
  postgres = await startTestPostgres()
  await prepareServer(createAdministration(server()))
})
afterAll(() => postgres.stop())

function server() {
  const { socketFolder, host, port, user } = postgres
  return { admin: { host: socketFolder, port, user }, tenant: { host, port } }
}

/** One gateway of many on the store, which knows one environment. */
async function openGateway(objects: Objects, name: string) {
  const table = createRoutingTable(domains)
  const environment = {
    apiVersion,
    kind: 'TenantEnvironment',
    metadata: { name: 'nobody-prod' },
    spec: { client: 'nobody', name: 'prod', odooVersion: '18', hosting: 'pool' },
    status: { conditions: [{ type: 'DatabaseReady', status: 'True', reason: 'Claimed' }] },
  }
  table.note(environment, false)
  const identities = createBackendIdentities({
    readSecret: async () => undefined,
    onKnown: () => {},
    clock: systemClock,
    log: silent,
  })
  const members = () => [name]
  const waker = createWaker({ objects, table, identities, members, concurrency: 4, log: silent })
  const { lives, close } = createGateway({ name, routes: table, waker, log: silent })
  const metrics = await createMetrics(metricDefinitions)
  const { admin } = server()
  const password = () => readReaderPassword(objects)
  const reader = createTenantReader({ ...server(), password })
  const schedules = keepElectedSchedules({
    ...{ objects, name, admin, reader, lives, table, metrics },
    log: silent,
  })
  const closeAll = async () => {
    await schedules.close()
    await close()
  }
  onTestFinished(closeAll)
  return {
    reader,
    note: () => schedules.note(environment),
    closeAll,
    /** How often it has looked at the schedules of its environment, whose database is not there. */
    async looks(): Promise<number> {
      const text = await metrics.text()
      return Number(/^pulse_gateway_schedules_total{event="gone"} (\d+)$/m.exec(text)?.[1] ?? 0)
    },
  }
}

test('of two gateways one looks after schedules; when it ends, the other does', async () => {
  const objects = await openLeaseStore(gatewayNamespace)
  const one = await openGateway(objects, 'g1')
  await expect.poll(one.looks, patience).toBe(1)
  const other = await openGateway(objects, 'g2')
  one.note()
  other.note()
  await expect.poll(one.looks, patience).toBe(2)
  expect(await other.looks()).toBe(0)

  await one.closeAll()
  one.note()
  await expect.poll(other.looks, patience).toBe(1)
  other.note()
  await expect.poll(other.looks, patience).toBe(2)
  expect(await one.looks()).toBe(2)
})

test('gateways that read at the same time do not take the right to read from each other', async () => {
  const objects = await openLeaseStore(gatewayNamespace)
  const one = await openGateway(objects, 'g1')
  const other = await openGateway(objects, 'g2')
  const read = () =>
    Promise.all(
      [one, other].map(({ reader }) =>
        reader.read('postgres', AbortSignal.timeout(10_000), (inside) => inside.query('SELECT 1')),
      ),
    )
  await read()
  await expect.poll(one.looks, patience).toBe(1)
  await read()
  one.note()
  await expect.poll(one.looks, patience).toBe(2)
})
