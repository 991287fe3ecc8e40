import type { ObjectsClient } from '@pulse/engine'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { browserMissing, keepPicture, openPage } from './browser.suite.ts'
import { type PulseUnderTest, startPulse } from './pulse-under-test.suite.ts'
import { createTenant, type Tenant, visit } from './tenant.suite.ts'

/** A busy machine takes its time to start a process. */
const patience = { timeout: 90_000, interval: 50 }
const testMs = 180_000

let pulse: PulseUnderTest
let objects: ObjectsClient
let acme: Tenant

beforeAll(async () => {
  pulse = await startPulse({ env: { PLANA_GATEWAY_SLEEP_GRACE_SECONDS: '0.1' } })
  const flags = ['--tier', 'pro', '--hosting', 'instance', '--company', 'Златна рибка ООД']
  acme = await createTenant(pulse, 'acme', ...flags)
  objects = await pulse.objects()
  return pulse.cleanUp
}, testMs)

async function pods() {
  const query = { apiVersion: 'v1', kind: 'Pod', namespace: 'instance-acme' }
  const { items } = await objects.list(query)
  return items.filter(({ metadata }) => metadata.name.startsWith('odoo-acme'))
}

async function putToSleep() {
  const client = { apiVersion: 'planapulse.com/v1alpha1', kind: 'PLANAClient', name: 'acme' }
  const annotations = { 'planapulse.com/sleep-at': new Date().toISOString() }
  const patch = { metadata: { annotations } }
  await objects.patch(client, { type: 'merge', patch }, { fieldManager: 'test' })
  await vi.waitFor(async () => expect(await pods()).toEqual([]), patience)
}

describe.skipIf(browserMissing !== undefined)('a tenant that sleeps, in a browser', () => {
  test(
    'shows its name and what goes on, and then the page that was asked for',
    async () => {
      await putToSleep()
      const page = await openPage()
      await page.goto(`${acme.url}/web/login?from=bookmark`)
      await page.getByText('Waking up your workspace').waitFor()
      await page.getByText('Златна рибка ООД').waitFor()
      await page.getByRole('progressbar').waitFor()
      await keepPicture(page, 'waking-tenant')
      await page.locator('input[name=password]').waitFor({ timeout: patience.timeout })
      expect(page.url()).toBe(`${acme.url}/web/login?from=bookmark`)
      expect(await pods()).toHaveLength(1)
    },
    testMs,
  )
})

test(
  'who asks without a person is answered, and it sleeps on',
  async () => {
    await putToSleep()
    const visitor = await visit(pulse, acme.hostname)
    expect(await visitor.get('/web/health')).toMatchObject({ status: 200 })
    const { body } = await visitor.get('/.pulse/wake')
    expect(String(body)).toBe('{"state":"asleep"}')
    expect(await pods()).toEqual([])
  },
  testMs,
)
