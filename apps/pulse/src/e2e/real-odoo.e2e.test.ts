import { existsSync } from 'node:fs'
import { fixtureFiles } from '@pulse/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { browserMissing, openPage } from './browser.suite.ts'
import { forkParentOf, wakeAnew } from './forked.suite.ts'
import { type PulseUnderTest, startPulse } from './pulse-under-test.suite.ts'
import { odooOrFixturesMissing, odooSource } from './real-odoo.suite.ts'
import { createTenant, expectNoWayToServers, query, type Tenant, visit } from './tenant.suite.ts'

const missing = odooOrFixturesMissing ?? browserMissing
const printer = ['/usr/bin/wkhtmltopdf', '/usr/local/bin/wkhtmltopdf'].find(existsSync)
const limitMs = 600_000

describe.skipIf(missing !== undefined)(`a real Odoo 18 (${missing ?? 'registered'})`, () => {
  let pulse: PulseUnderTest

  beforeAll(async () => {
    pulse = await startPulse()
    await succeed('runtime', 'add', '18', '--path', odooSource, '--python', '/usr/bin/python3')
    for (const edition of ['basic', 'pro']) {
      const { dump, filestore } = fixtureFiles('odoo18-biz')
      const files = ['--dump', dump, '--filestore', filestore]
      await imported('--edition', edition, ...files)
    }
  }, limitMs)
  afterAll(() => pulse.cleanUp(), limitMs)

  const tiers = [
    ['starter', 'a pool'],
    ['pro', 'an instance'],
  ] as const
  test.each(tiers)(
    'tier %s: a tenant of %s is created, used and deleted',
    async (tier) => {
      const flags = ['--tier', tier, '--company', 'Акме ООД', '--language', 'bg_BG']
      const tenant = await createTenant(pulse, `real-${tier}`, ...flags, '--country', 'BG')
      expect(await companyInBrowser(tenant)).toContain('Акме ООД')
      await expectNoWayToServers(await visit(pulse, tenant.hostname), tenant.hostname)
      if (printer !== undefined) await printsInFull(tenant)

      await succeed('delete', 'planaclient', tenant.name)
      const rows = await query(pulse, 'SELECT 1 FROM pg_database WHERE datname = $1', [
        tenant.hostname,
      ])
      expect(rows).toEqual([])
      const page = await (await visit(pulse, tenant.hostname)).get('/web/login')
      expect(page.status).toBe(404)
    },
    limitMs,
  )

  test(
    'an instance that wakes is a fork of an Odoo that was loaded before, and serves its page',
    async () => {
      const tenant = await createTenant(pulse, 'real-forked', '--tier', 'pro')
      const { pid } = await wakeAnew(pulse, 'instance-real-forked')
      expect(await forkParentOf(pid)).toBeGreaterThan(1)
      const page = await (await visit(pulse, tenant.hostname)).get('/web/login')
      expect(page.status).toBe(200)
      expect(page.text).toContain('name="password"')
      await succeed('delete', 'planaclient', tenant.name)
    },
    limitMs,
  )

  test('the templates tell their modules', async () => {
    const { stdout } = await pulse.pulse('template', 'list')
    expect(stdout).toMatch(/^basic-18 +True +71 /m)
    expect(stdout).toMatch(/^pro-18 +True +71 /m)
  })

  async function companyInBrowser({ url, login, password }: Tenant): Promise<string> {
    const page = await openPage()
    await page.goto(`${url}/web/login`)
    await page.fill('#login', login)
    await page.fill('#password', password)
    await page.click('button[type=submit]')
    await page.waitForSelector('.o_main_navbar', { timeout: 120_000 })
    await page.waitForSelector('.oe_topbar_name, .o_switch_company_menu', { state: 'attached' })
    return (await page.textContent('.o_main_navbar')) ?? ''
  }

  /** A report whose styles are asked of the worker that prints it, though its host resolves nowhere. */
  async function printsInFull({ hostname, login, password }: Tenant) {
    const visitor = await visit(pulse, hostname)
    await visitor.logIn(login, password)
    const report = await visitor.get('/report/pdf/base.report_irmodulereference/1')
    expect(report.status).toBe(200)
    expect(report.text.slice(0, 5)).toBe('%PDF-')
    const log = await workerLogs()
    expect(log).toContain(`GET http://${hostname}/web/assets/`)
    expect(log).not.toContain('HostNotFoundError')
  }

  async function workerLogs(): Promise<string> {
    const { stdout } = await pulse.pulse('get', 'pods', '-A', '-o', 'json')
    const workers: { metadata: { name: string; namespace: string } }[] = JSON.parse(stdout).items
    const logs = await Promise.all(
      workers
        .filter(({ metadata }) => metadata.namespace !== 'crossplane-system')
        .map(({ metadata }) => pulse.pulse('logs', metadata.name, '-n', metadata.namespace)),
    )
    return logs.map((log) => log.stdout).join('\n')
  }

  /** A busy machine takes longer than a command may; the same import again goes on following the first. */
  async function imported(...flags: readonly string[]) {
    const follow = () => pulse.pulse('template', 'import', '18', ...flags)
    let result = await follow()
    for (let again = 1; result.exitCode !== 0 && again < 5; again += 1) result = await follow()
    if (result.exitCode !== 0) throw new Error(`${result.stderr}\n${pulse.stderr()}`)
  }

  async function succeed(...args: readonly string[]) {
    const result = await pulse.pulse(...args)
    if (result.exitCode !== 0) throw new Error(`${result.stderr}\n${pulse.stderr()}`)
  }
})
