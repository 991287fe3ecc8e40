import type { KubeObject, ObjectRef } from '@pulse/api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { leaseKind, readLease } from '../leases/lease.ts'
import { readLifeRecord } from '../routing/life-record.ts'
import { gatewayNamespace } from '../server/parameters.ts'
import { type FurtherGateway, startFurtherGateway } from './further-gateway.suite.ts'
import { patience, type SleepingTenant, startSleepingTenant } from './sleeping-tenant.suite.ts'
import { query } from './tenant.suite.ts'

const testMs = 300_000
const leaseSeconds = 2
/** How late an action may run; one that is due while its keeper is lost is no exception. */
const dueToRunningMs = 60_000

const lease = { ...leaseKind, namespace: gatewayNamespace, name: 'pulse-schedules' }
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  namespace: 'instance-acme',
  name: 'odoo-acme',
}

let acme: SleepingTenant
const others: FurtherGateway[] = []

beforeAll(async () => {
  const env = {
    PLANA_GATEWAY_LEASE_SECONDS: String(leaseSeconds),
    // So long it stays awake for schedules.
    PLANA_SCHEDULES_BATCH_SECONDS: '5',
  }
  acme = await startSleepingTenant({ env })
  return acme.pulse.cleanUp
}, testMs)

afterAll(() => {
  for (const { child } of others) child.kill('SIGKILL')
})

test(
  'what is due runs within a minute, by one wake, although the gateway that kept its schedules was just killed',
  async () => {
    await inTenant('DELETE FROM ir_cron_trigger; DELETE FROM ir_cron_progress')
    await inTenant(`UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' + interval '1 day'`)
    await acme.putToSleep()
    const before = await generation()
    const started = await watchStarts()
    const [keeper] = [await startGateway(), await startGateway()]
    await handSchedulesTo(keeper)

    const dueInMs = 2_000
    await inTenant(
      `INSERT INTO ir_cron_trigger (cron_id, call_at)
       SELECT min(id), now() AT TIME ZONE 'UTC' + interval '${dueInMs} ms' FROM ir_cron`,
    )
    await query(acme.pulse, `SELECT pg_notify('cron_trigger', $1)`, [acme.hostname])
    keeper.child.kill('SIGKILL')
    const withinItsTime = { timeout: dueInMs + dueToRunningMs, interval: 100 }
    await expect.poll(triggers, withinItsTime).toBe(0)
    expect(await runs()).toBe(1)

    // By now everybody has seen that nothing is due any more, and none has woken it a second time.
    await acme.asleep()
    expect(await generation()).toBe(before + 1)
    expect(started).toHaveLength(1)
  },
  testMs,
)

async function startGateway(): Promise<FurtherGateway> {
  const gateway = await startFurtherGateway(acme.pulse, { leaseSeconds, keepsSchedules: true })
  others.push(gateway)
  return gateway
}

/** The gateway of the server was there first, and holds them; it must live on, as PostgreSQL and the tenant's pods do. */
async function handSchedulesTo({ child }: FurtherGateway) {
  const { items } = await acme.objects.list({ ...leaseKind, namespace: gatewayNamespace })
  const names = items.map(({ metadata }) => metadata.name)
  const holderIdentity = names.find((one) => one.includes(`-${child.pid}-`))
  expect(holderIdentity).toMatch(/^gateway-/)
  const patch = { spec: { holderIdentity } }
  const handed = await acme.objects.patch(lease, { type: 'merge', patch }, { fieldManager: 'test' })
  const { renewTime } = readLease(handed)
  const renewedBy = async () => {
    const found = readLease(await there(lease))
    return found.renewTime === renewTime ? undefined : found.holder
  }
  await expect.poll(renewedBy, patience).toBe(holderIdentity)
}

/** The processes of the tenant that begin from now on, by the identity of their pods. */
async function watchStarts(): Promise<readonly string[]> {
  const query = { apiVersion: 'v1', kind: 'Pod', namespace: 'instance-acme' }
  const { resourceVersion } = await acme.objects.list(query)
  const found: string[] = []
  const signal = AbortSignal.timeout(testMs)
  async function follow() {
    for await (const { type, object } of acme.objects.watch({
      ...query,
      resourceVersion,
      signal,
    })) {
      const isWorker = object.metadata.name.startsWith('odoo-acme')
      if (type === 'ADDED' && isWorker) found.push(String(object.metadata.uid))
    }
  }
  void follow().catch(() => undefined)
  return found
}

/** Counts its wakes. */
async function generation(): Promise<number> {
  return readLifeRecord(await there(deployment)).generation
}

async function there(ref: ObjectRef): Promise<KubeObject> {
  const object = await acme.objects.get(ref)
  if (object === undefined) throw new Error(`there is no ${ref.kind} ${ref.name}`)
  return object
}

const inTenant = (text: string) => query(acme.pulse, text, [], acme.hostname)

const triggers = () => countIn('ir_cron_trigger')
const runs = () => countIn('ir_cron_progress')

async function countIn(table: string): Promise<number> {
  const [row] = await inTenant(`SELECT count(*)::int AS count FROM ${table}`)
  return Number(row?.count)
}
