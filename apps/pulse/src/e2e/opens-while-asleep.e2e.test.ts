import { beforeAll, describe, expect, test } from 'vitest'
import { browserMissing, keepPicture, openPage } from './browser.suite.ts'
import { patience, type SleepingTenant, startSleepingTenant } from './sleeping-tenant.suite.ts'

const testMs = 180_000

let acme: SleepingTenant

beforeAll(async () => {
  acme = await startSleepingTenant({ flags: ['--company', 'Златна рибка ООД'] })
  return acme.pulse.cleanUp
}, testMs)

describe.skipIf(browserMissing !== undefined)('a tenant that sleeps, in a browser', () => {
  test(
    'shows its name and what goes on, and then the page that was asked for',
    async () => {
      await acme.putToSleep()
      const page = await openPage()
      await page.goto(`${acme.url}/web/login?from=bookmark`)
      await page.getByText('Waking up your workspace').waitFor()
      await page.getByText('Златна рибка ООД').waitFor()
      await page.getByRole('progressbar').waitFor()
      await keepPicture(page, 'waking-tenant')
      await page.locator('input[name=password]').waitFor({ timeout: patience.timeout })
      expect(page.url()).toBe(`${acme.url}/web/login?from=bookmark`)
      expect(await acme.pods()).toHaveLength(1)
    },
    testMs,
  )
})

test(
  'who asks without a person is answered, and it sleeps on',
  async () => {
    await acme.putToSleep()
    const visitor = await acme.visit()
    expect(await visitor.get('/web/health')).toMatchObject({ status: 200 })
    const { body } = await visitor.get('/.pulse/wake')
    expect(String(body)).toBe('{"state":"asleep"}')
    expect(await acme.pods()).toEqual([])
  },
  testMs,
)
