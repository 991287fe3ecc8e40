import { apiVersion, type KubeObject, recordOf } from '@pulse/api'
import type { ObjectsClient } from '@pulse/engine'
import { beforeAll, expect, test, vi } from 'vitest'
import { type PulseUnderTest, startPulse } from './pulse-under-test.suite.ts'
import { createTenant, query, type Tenant, visit } from './tenant.suite.ts'

/** A busy machine takes its time to start a process. */
const patience = { timeout: 90_000, interval: 50 }
const testMs = 180_000

let pulse: PulseUnderTest
let objects: ObjectsClient
let acme: Tenant

beforeAll(async () => {
  pulse = await startPulse({ env: { PLANA_GATEWAY_SLEEP_GRACE_SECONDS: '0.1' } })
  acme = await createTenant(pulse, 'acme', '--tier', 'pro', '--hosting', 'instance')
  objects = await pulse.objects()
  return pulse.cleanUp
}, testMs)

const client = { apiVersion, kind: 'PLANAClient', name: 'acme' }
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  namespace: 'instance-acme',
  name: 'odoo-acme',
}

async function annotate(name: string, value: string) {
  const patch = { metadata: { annotations: { [`planapulse.com/${name}`]: value } } }
  await objects.patch(client, { type: 'merge', patch }, { fieldManager: 'test' })
}

async function spec(changes: Record<string, unknown>) {
  await objects.patch(client, { type: 'merge', patch: { spec: changes } }, { fieldManager: 'test' })
}

async function pods(): Promise<readonly KubeObject[]> {
  const query = { apiVersion: 'v1', kind: 'Pod', namespace: 'instance-acme' }
  const { items } = await objects.list(query)
  return items.filter(({ metadata }) => metadata.name.startsWith('odoo-acme'))
}

async function asleep() {
  await vi.waitFor(async () => expect(await pods()).toEqual([]), patience)
}

async function readyCondition() {
  const resource = await objects.get(client)
  const { conditions } = recordOf(resource?.status)
  return Array.isArray(conditions) ? conditions.find(({ type }) => type === 'Ready') : undefined
}

test(
  'nobody comes, and nothing of it runs; the first request wakes it and is answered',
  async () => {
    await spec({ sleep: { idleTimeout: '1s' } })
    await asleep()
    expect(await readyCondition()).toMatchObject({ status: 'True' })
    const visitor = await visit(pulse, acme.hostname)
    expect(await visitor.logIn(acme.login, acme.password)).toMatchObject({ status: 303 })
    expect(await pods()).toHaveLength(1)
  },
  testMs,
)

test(
  'twenty who come at once while it sleeps are all answered, by one process',
  async () => {
    await asleep()
    const visitors = await Promise.all(
      Array.from({ length: 20 }, () => visit(pulse, acme.hostname)),
    )
    const pages = await Promise.all(visitors.map((visitor) => visitor.get('/web/login')))
    expect(pages.map(({ status }) => status)).toEqual(pages.map(() => 200))
    expect(await pods()).toHaveLength(1)
  },
  testMs,
)

test(
  'scaled to nothing by hand, it is woken like one that sleeps',
  async () => {
    await spec({ sleep: { idleTimeout: '1h' } })
    const visitor = await visit(pulse, acme.hostname)
    expect(await visitor.get('/web/login')).toMatchObject({ status: 200 })
    const patch = { spec: { replicas: 0 } }
    await objects.patch(deployment, { type: 'merge', patch }, { fieldManager: 'kubectl' })
    await asleep()
    expect(await visitor.get('/web/login')).toMatchObject({ status: 200 })
  },
  testMs,
)

test(
  'by annotation it is put to sleep, woken, and kept awake',
  async () => {
    await annotate('sleep-at', new Date().toISOString())
    await asleep()
    await annotate('wake-at', new Date().toISOString())
    await vi.waitFor(async () => expect(await pods()).toHaveLength(1), patience)
    await annotate('keep-awake-until', new Date(Date.now() + 3_600_000).toISOString())
    const [pod] = await pods()
    await spec({ sleep: { idleTimeout: '1s' } })
    const visitor = await visit(pulse, acme.hostname)
    expect(await visitor.get('/web/login')).toMatchObject({ status: 200 })
    await annotate('keep-awake-until', new Date(Date.now() - 1).toISOString())
    expect(await pods()).toMatchObject([{ metadata: { uid: pod?.metadata.uid } }])
    await asleep()
  },
  testMs,
)

test(
  'what is due while it sleeps wakes it, runs, and lets it sleep again soon',
  async () => {
    await spec({ sleep: { idleTimeout: '1h' } })
    await annotate('sleep-at', new Date().toISOString())
    await asleep()
    const inTenant = (text: string) => query(pulse, text, [], acme.hostname)
    await inTenant(
      `INSERT INTO ir_cron_trigger (cron_id, call_at)
       SELECT min(id), now() AT TIME ZONE 'UTC' FROM ir_cron`,
    )
    await query(pulse, `SELECT pg_notify('cron_trigger', $1)`, [acme.hostname])
    await vi.waitFor(async () => expect(await pods()).toHaveLength(1), patience)
    const due = `SELECT FROM ir_cron_trigger WHERE call_at <= now() AT TIME ZONE 'UTC'`
    await vi.waitFor(async () => expect(await inTenant(due)).toEqual([]), patience)
    await asleep()
  },
  testMs,
)

test(
  'past the gateway nobody gets a byte of it',
  async () => {
    await spec({ sleep: { idleTimeout: '1h' } })
    const visitor = await visit(pulse, acme.hostname)
    expect(await visitor.get('/web/login')).toMatchObject({ status: 200 })
    const [pod] = await pods()
    const { podIP } = recordOf(pod?.status)
    const answer = await fetch(`http://${podIP}:8069/web/login`, {
      headers: { Host: acme.hostname },
    })
    expect(answer.status).toBe(421)
    expect(await answer.text()).toBe('')
  },
  testMs,
)

test(
  'a customer who is suspended costs nothing, and is told so',
  async () => {
    await spec({ status: 'suspended' })
    await asleep()
    const visitor = await visit(pulse, acme.hostname)
    expect(await visitor.get('/web/login')).toMatchObject({ status: 402 })
    await spec({ status: 'active' })
    await vi.waitFor(
      async () => expect(await visitor.get('/web/login')).toMatchObject({ status: 200 }),
      patience,
    )
  },
  testMs,
)
