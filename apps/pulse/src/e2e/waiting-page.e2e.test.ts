import { createServer, type ServerResponse } from 'node:http'
import {
  type PlainAnswer,
  type WakeState,
  waitingPage,
  wakeStatusAnswer,
  wakeStatusPath,
} from '@pulse/gateway'
import type { Page } from 'playwright-core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { browserMissing, keepPicture, openPage } from './browser.suite.ts'

const waking: WakeState = {
  state: 'waking',
  startedAtMs: 0,
  expectedMs: 4_000,
  phase: 'loading',
  attempt: 1,
}
const failed: WakeState = {
  state: 'failed',
  retryAtMs: 26_500,
  reason: 'The module “sale_subscription” could not be loaded.',
}
const nowMs = 1_900

describe.skipIf(browserMissing !== undefined)('the waiting page in a browser', () => {
  test('opens what was asked for by itself when it is ready', async () => {
    const tenant = await startTenant(waking)
    const page = await openPage()
    const errors = errorsOf(page)
    await page.goto(`${tenant.url}/odoo/sales?view=list#action=7`)
    await page.getByRole('progressbar').waitFor()
    await tenant.asked(3)
    tenant.become({ state: 'ready' })
    await page.getByText('Here is /odoo/sales?view=list').waitFor()
    expect(page.url()).toBe(`${tenant.url}/odoo/sales?view=list#action=7`)
    expect(errors.filter((text) => !text.includes('503'))).toEqual([])
  })

  test('opens it without JavaScript too', async () => {
    const tenant = await startTenant(waking)
    const page = await openPage()
    const context = await page.context().browser()?.newContext({ javaScriptEnabled: false })
    const plain = (await context?.newPage()) ?? page
    await plain.goto(`${tenant.url}/my`)
    tenant.become({ state: 'ready' })
    await plain.getByText('Here is /my').waitFor()
    expect(tenant.statusRequests()).toBe(0)
  })

  test('says that it failed, and opens the tenant when a later attempt succeeds', async () => {
    const tenant = await startTenant(waking)
    const page = await openPage()
    await page.goto(`${tenant.url}/odoo`)
    await page.getByRole('progressbar').waitFor()
    tenant.become(failed)
    await page.getByText('could not be started').waitFor()
    await page.getByText('sale_subscription').waitFor()
    tenant.become(waking)
    await page.getByRole('progressbar').waitFor()
    tenant.become({ state: 'ready' })
    await page.getByText('Here is /odoo').waitFor()
  })

  test('wakes a tenant that has fallen asleep again behind it', async () => {
    const tenant = await startTenant(waking)
    const page = await openPage()
    await page.goto(`${tenant.url}/odoo`)
    await page.getByRole('progressbar').waitFor()
    tenant.become({ state: 'asleep' })
    await page.getByText('Here is /odoo').waitFor()
  })

  test('counts a long wait in minutes, and its end in seconds', async () => {
    const limited = (seconds: number): WakeState => ({
      state: 'limited',
      retryAtMs: nowMs + seconds * 1_000,
    })
    const tenant = await startTenant(limited(3_000))
    const page = await openPage()
    await page.goto(`${tenant.url}/odoo`)
    await page.getByText('Next attempt in 50 minutes.').waitFor()
    tenant.become(limited(2_930))
    await page.getByText('Next attempt in 49 minutes.').waitFor()
    tenant.become(limited(90))
    await page.getByText('Next attempt in 90 seconds.').waitFor()
  })

  test('keeps its own rules: no script of a name runs, its own does', async () => {
    const tenant = await startTenant(waking, '<img src=x onerror=alert(1)> & Co')
    const page = await openPage()
    const errors = errorsOf(page)
    await page.goto(`${tenant.url}/odoo`)
    await page.getByText('<img src=x onerror=alert(1)> & Co').waitFor()
    await tenant.asked(1)
    expect(errors.filter((text) => !text.includes('503'))).toEqual([])
  })

  test('fits each screen, in each language and colour', async () => {
    const browser = (await openPage()).context().browser()
    for (const { name, language, dark, phone, wake } of pictures()) {
      const tenant = await startTenant(wake, language === 'bg' ? 'Златна рибка ООД' : 'Acme Tools')
      const context = await browser?.newContext({
        locale: language,
        colorScheme: dark ? 'dark' : 'light',
        viewport: phone ? { width: 360, height: 640 } : { width: 1_280, height: 800 },
      })
      const page = await context?.newPage()
      if (page === undefined) throw new Error('the browser has gone')
      await page.goto(`${tenant.url}/odoo`)
      await tenant.asked(1)
      const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
      expect(overflow, name).toBeLessThanOrEqual(0)
      await keepPicture(page, name)
      await context?.close()
    }
  })
})

/** One tenant behind a gateway that knows nothing but the waiting page. */
async function startTenant(first: WakeState, displayName = 'Acme') {
  let wake = first
  let asked = 0
  let told: (() => void) | undefined
  const server = createServer((request, response) => {
    const { url = '/', headers } = request
    if (url === wakeStatusPath) {
      asked += 1
      told?.()
      return send(response, wakeStatusAnswer(wake, nowMs))
    }
    if (wake.state === 'ready' || wake.state === 'asleep') {
      return void response.setHeader('Content-Type', 'text/html').end(`Here is ${url}`)
    }
    const language = headers['accept-language']?.startsWith('bg') ? 'bg' : 'en'
    send(response, waitingPage({ wake, nowMs, language, displayName }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return {
    url: `http://127.0.0.1:${port}`,
    become(next: WakeState) {
      wake = next
    },
    statusRequests: () => asked,
    /** Once the page has asked so often. */
    asked: (times: number) =>
      new Promise<void>((resolve) => {
        told = () => void (asked >= times && resolve())
        told()
      }),
  }
}

function send(response: ServerResponse, { status, headers, body }: PlainAnswer): void {
  response.writeHead(status, headers).end(body)
}

function errorsOf(page: Page): readonly string[] {
  const errors: string[] = []
  page.on('console', (message) => void (message.type() === 'error' && errors.push(message.text())))
  page.on('pageerror', (error) => errors.push(error.message))
  return errors
}

function pictures() {
  return (['en', 'bg'] as const).flatMap((language) =>
    [false, true].flatMap((dark) =>
      [false, true].flatMap((phone) =>
        [waking, failed].map((wake) => ({
          name: [
            'waiting',
            wake.state,
            language,
            dark ? 'dark' : 'light',
            phone ? 'phone' : 'desktop',
          ].join('-'),
          language,
          dark,
          phone,
          wake,
        })),
      ),
    ),
  )
}
