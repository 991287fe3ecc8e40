import { apiVersion } from '@pulse/api'
import { createVisitor, fixtureFiles, type Visitor } from '@pulse/testing'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { browserMissing, keepPicture, openPage } from './browser.suite.ts'
import { type PulseUnderTest, startPulse } from './pulse-under-test.suite.ts'
import { odooOrFixturesMissing, odooSource } from './real-odoo.suite.ts'
import { createTenant, query, type Tenant } from './tenant.suite.ts'

const missing = odooOrFixturesMissing ?? browserMissing
const limitMs = 600_000
const patience = { timeout: 120_000, interval: 100 }

describe.skipIf(missing !== undefined)(`Discuss of a real Odoo 18 (${missing ?? 'ready'})`, () => {
  let pulse: PulseUnderTest
  let acme: Tenant

  beforeAll(async () => {
    pulse = await startPulse({ env: { PLANA_GATEWAY_SLEEP_GRACE_SECONDS: '0.1' } })
    await succeed('runtime', 'add', '18', '--path', odooSource, '--python', '/usr/bin/python3')
    const { dump, filestore } = fixtureFiles('odoo18-biz')
    const files = ['--edition', 'pro', '--dump', dump, '--filestore', filestore]
    await succeed('template', 'import', '18', ...files)
    acme = await createTenant(pulse, 'acme', '--tier', 'pro', '--hosting', 'instance')
  }, limitMs)
  afterAll(() => pulse.cleanUp(), limitMs)

  test(
    'a tab that is left open gets what another user writes after the tenant has slept, and sees no end',
    async () => {
      const owner = await visitor()
      await owner.logIn(acme.login, acme.password)
      await addColleague(owner)
      const page = await openPage()
      const sockets: { closed: boolean }[] = []
      const errors: string[] = []
      page.on('websocket', (opened) => {
        const socket = { closed: false }
        sockets.push(socket)
        opened.on('close', () => {
          socket.closed = true
        })
      })
      page.on('pageerror', (error) => errors.push(error.message))
      await page.goto(`${acme.url}/web/login`)
      await page.fill('#login', acme.login)
      await page.fill('#password', acme.password)
      await page.click('button[type=submit]')
      await page.waitForSelector('.o_main_navbar', { timeout: 120_000 })
      await page.goto(`${acme.url}/odoo/action-mail.action_discuss`)
      await page.waitForSelector('.o-mail-DiscussSidebarChannel, .o-mail-DiscussSidebar', {
        timeout: 120_000,
      })
      await page.getByText('general', { exact: true }).first().click()
      await page.waitForSelector('.o-mail-Composer', { timeout: 60_000 })

      await asleep()
      await keepPicture(page, 'discuss-asleep')

      const colleague = await visitor()
      await colleague.logIn('colleague', 'colleague')
      await say(colleague, 'good morning from the other desk')
      await page
        .locator('.o-mail-Message', { hasText: 'good morning from the other desk' })
        .waitFor({ timeout: 60_000 })
      await keepPicture(page, 'discuss-awake')
      expect(await page.getByText(/connection lost/i).count()).toBe(0)
      expect(sockets.filter(({ closed }) => closed)).toEqual([])
      expect(errors).toEqual([])
    },
    limitMs,
  )

  async function visitor(): Promise<Visitor> {
    const port = await pulse.httpPort()
    return createVisitor(port, `${acme.hostname}:${port}`)
  }

  async function call(as: Visitor, model: string, method: string, args: unknown[]) {
    const answer = await as.json(`/web/dataset/call_kw/${model}/${method}`, {
      model,
      method,
      args,
      kwargs: {},
    })
    if (answer.error !== undefined) throw new Error(JSON.stringify(answer.error))
    return answer.result
  }

  async function addColleague(owner: Visitor) {
    const person = { name: 'Colleague', login: 'colleague', password: 'colleague' }
    await call(owner, 'res.users', 'create', [[person]])
  }

  async function say(as: Visitor, text: string) {
    const [channel] = await query(
      pulse,
      `SELECT id FROM discuss_channel WHERE name::text LIKE '%general%' ORDER BY id LIMIT 1`,
      [],
      acme.hostname,
    )
    const answer = await as.json('/mail/message/post', {
      thread_model: 'discuss.channel',
      thread_id: Number(channel?.id),
      post_data: { body: text, message_type: 'comment', subtype_xmlid: 'mail.mt_comment' },
    })
    if (answer.error !== undefined) throw new Error(JSON.stringify(answer.error))
  }

  async function asleep() {
    const objects = await pulse.objects()
    const ask = { 'planapulse.com/sleep-at': new Date().toISOString() }
    await objects.patch(
      { apiVersion, kind: 'PLANAClient', name: 'acme' },
      { type: 'merge', patch: { metadata: { annotations: ask } } },
      { fieldManager: 'test' },
    )
    await vi.waitFor(async () => {
      const { items } = await objects.list({
        apiVersion: 'v1',
        kind: 'Pod',
        namespace: 'instance-acme',
      })
      const workers = items.filter(({ metadata }) => metadata.name.startsWith('odoo-acme'))
      expect(workers).toEqual([])
    }, patience)
  }

  async function succeed(...args: readonly string[]) {
    let result = await pulse.pulse(...args)
    for (let again = 1; result.exitCode !== 0 && again < 5; again += 1) {
      result = await pulse.pulse(...args)
    }
    if (result.exitCode !== 0) throw new Error(`${result.stderr}\n${pulse.stderr()}`)
  }
})
