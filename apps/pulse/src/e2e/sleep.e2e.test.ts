import { apiVersion, recordOf } from '@pulse/api'
import { beforeAll, expect, test, vi } from 'vitest'
import {
  createSleepingTenant,
  patience,
  type SleepingTenant,
  startSleepingTenant,
} from './sleeping-tenant.suite.ts'
import { query } from './tenant.suite.ts'

const testMs = 180_000

let acme: SleepingTenant

beforeAll(async () => {
  // Of what is due a test waits for one action only, and for no others that may follow.
  const env = {
    PLANA_SCHEDULES_NOTIFICATION_GAP_SECONDS: '0.5',
    PLANA_SCHEDULES_BATCH_SECONDS: '2',
  }
  acme = await startSleepingTenant({ env })
  return acme.pulse.cleanUp
}, testMs)

const client = { apiVersion, kind: 'PLANAClient', name: 'acme' }
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  namespace: 'instance-acme',
  name: 'odoo-acme',
}

async function readyCondition() {
  const resource = await acme.objects.get(client)
  const { conditions } = recordOf(resource?.status)
  return Array.isArray(conditions) ? conditions.find(({ type }) => type === 'Ready') : undefined
}

test(
  'nobody comes, and nothing of it runs; the first request wakes it and is answered',
  async () => {
    await acme.setSpec({ sleep: { idleTimeout: '1s' } })
    await acme.asleep()
    expect(await readyCondition()).toMatchObject({ status: 'True' })
    const visitor = await acme.visit()
    expect(await visitor.logIn(acme.login, acme.password)).toMatchObject({ status: 303 })
    expect(await acme.pods()).toHaveLength(1)
  },
  testMs,
)

test(
  'twenty who come at once while it sleeps are all answered, by one process',
  async () => {
    await acme.asleep()
    const visitors = await Promise.all(Array.from({ length: 20 }, () => acme.visit()))
    const pages = await Promise.all(visitors.map((visitor) => visitor.get('/web/login')))
    expect(pages.map(({ status }) => status)).toEqual(pages.map(() => 200))
    expect(await acme.pods()).toHaveLength(1)
  },
  testMs,
)

test(
  'scaled to nothing by hand, it is woken like one that sleeps',
  async () => {
    await acme.setSpec({ sleep: { idleTimeout: '1h' } })
    const visitor = await acme.visit()
    expect(await visitor.get('/web/login')).toMatchObject({ status: 200 })
    const patch = { spec: { replicas: 0 } }
    await acme.objects.patch(deployment, { type: 'merge', patch }, { fieldManager: 'kubectl' })
    await acme.asleep()
    expect(await visitor.get('/web/login')).toMatchObject({ status: 200 })
  },
  testMs,
)

test(
  'by annotation it is put to sleep, woken, and kept awake',
  async () => {
    const beta = await createSleepingTenant(acme.pulse, 'beta')
    await acme.putToSleep()
    await acme.annotate('wake-at', new Date().toISOString())
    await vi.waitFor(async () => expect(await acme.pods()).toHaveLength(1), patience)
    await acme.annotate('keep-awake-until', new Date(Date.now() + 3_600_000).toISOString())
    const [pod] = await acme.pods()
    await acme.setSpec({ sleep: { idleTimeout: '1s' } })
    const visitor = await acme.visit()
    expect(await visitor.get('/web/login')).toMatchObject({ status: 200 })
    // Whoever is idle as long, and came later, sleeps meanwhile: twice, since the first may be before it is known of acme.
    await beta.setSpec({ sleep: { idleTimeout: '1s' } })
    for (let times = 0; times < 2; times += 1) {
      const other = await beta.visit()
      expect(await other.get('/web/login')).toMatchObject({ status: 200 })
      await beta.asleep()
    }
    expect(await acme.objects.get(deployment)).toMatchObject({ spec: { replicas: 1 } })
    expect(await acme.pods()).toMatchObject([{ metadata: { uid: pod?.metadata.uid } }])
    await acme.annotate('keep-awake-until', new Date(Date.now() - 1).toISOString())
    await acme.asleep()
  },
  testMs,
)

test(
  'what is due while it sleeps wakes it, runs, and lets it sleep again soon',
  async () => {
    await acme.setSpec({ sleep: { idleTimeout: '1h' } })
    await acme.putToSleep()
    const inTenant = (text: string) => query(acme.pulse, text, [], acme.hostname)
    await inTenant(
      `INSERT INTO ir_cron_trigger (cron_id, call_at)
       SELECT min(id), now() AT TIME ZONE 'UTC' FROM ir_cron`,
    )
    await query(acme.pulse, `SELECT pg_notify('cron_trigger', $1)`, [acme.hostname])
    await vi.waitFor(async () => expect(await acme.pods()).toHaveLength(1), patience)
    const due = `SELECT FROM ir_cron_trigger WHERE call_at <= now() AT TIME ZONE 'UTC'`
    await vi.waitFor(async () => expect(await inTenant(due)).toEqual([]), patience)
    await acme.asleep()
  },
  testMs,
)

test(
  'past the gateway nobody gets a byte of it',
  async () => {
    await acme.setSpec({ sleep: { idleTimeout: '1h' } })
    const visitor = await acme.visit()
    expect(await visitor.get('/web/login')).toMatchObject({ status: 200 })
    const [pod] = await acme.pods()
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
    await acme.setSpec({ status: 'suspended' })
    await acme.asleep()
    const visitor = await acme.visit()
    expect(await visitor.get('/web/login')).toMatchObject({ status: 402 })
    await acme.setSpec({ status: 'active' })
    await vi.waitFor(
      async () => expect(await visitor.get('/web/login')).toMatchObject({ status: 200 }),
      patience,
    )
  },
  testMs,
)
