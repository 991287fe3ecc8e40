import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { onTestFinished } from 'vitest'

const executablePath = process.env.PULSE_CHROMIUM ?? '/usr/bin/chromium'

/** Why journeys in a browser are skipped; undefined where there is one. */
export const browserMissing = existsSync(executablePath)
  ? undefined
  : 'no browser: apt-get install chromium, or set PULSE_CHROMIUM'

/** An empty page in a browser of its own, closed with the running test. */
export async function openPage(): Promise<Page> {
  const browser: Browser = await chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-proxy-server',
    ],
  })
  onTestFinished(() => browser.close())
  return await browser.newPage({ viewport: { width: 900, height: 600 } })
}

/** Keeps a picture for people, in the folder `PULSE_SCREENSHOTS` if there is one. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  const folder = process.env.PULSE_SCREENSHOTS
  if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}.png`) })
}
