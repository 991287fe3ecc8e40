import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { browserMissing, keepPicture, openPage } from './browser.suite.ts'
import { type PulseUnderTest, startPulse } from './pulse-under-test.suite.ts'

const run = promisify(execFile)
const args = ['--first-tenant', 'demo']
let pulse: PulseUnderTest
let welcome = ''
let password = ''

beforeAll(async () => {
  pulse = await startPulse({ args, env: { PLANA_HEAP_MAX_MEGABYTES: '320' } })
  await pulse.printed('Stop with Ctrl-C')
  welcome = pulse.stdout()
  password = JSON.parse(
    (await pulse.pulse('open', 'demo', '--login', '-o', 'json')).stdout,
  ).password
})
afterAll(() => pulse.cleanUp())

test('a first start ends with the URL and the login of its tenant, and what to try next', async () => {
  expect(said('URL')).toBe(`http://demo.localhost:${await pulse.httpPort()}`)
  expect(said('Login')).toBe('owner@demo.example')
  expect(password).toMatch(/^\S{12,}$/)
  expect(welcome).toMatch(/Try next:\n {2}pulse open demo\n/)
  expect(pulse.stderr()).toContain('STAND-IN')
})

test('the heap of the running server is bounded as configured', async () => {
  const commandLine = await readFile(`/proc/${pulse.pid}/cmdline`, 'utf8')
  expect(commandLine.split('\0')).toContain('--max-old-space-size=320')
})

test('what may be a journal never gets the password, but the way to it', () => {
  expect(welcome).toMatch(/Password .*pulse open demo --login/)
  expect(`${welcome}${pulse.stderr()}`).not.toContain(password)
})

test('the calls that it prints work as they stand', async () => {
  const [health = '', authenticate = ''] = welcome
    .split('\n')
    .filter((line) => line.includes('curl --resolve'))
  expect(JSON.parse((await shell(health)).stdout)).toEqual({ status: 'pass' })
  const call = authenticate.replace("PASSWORD='…'", `PASSWORD='${password}'`)
  expect((await shell(call)).stdout).toMatch(/<int>\d+<\/int>/)
})

test.skipIf(browserMissing !== undefined)(
  `the owner logs in with a browser and sees the company (${browserMissing ?? 'chromium'})`,
  async () => {
    const page = await openPage()
    await page.goto(`${said('URL')}/web/login`)
    await keepPicture(page, 'login')
    await page.fill('#login', said('Login'))
    await page.fill('#password', 'not the password')
    await page.click('button[type=submit]')
    expect(await page.textContent('[role=alert]')).toContain('Wrong login/password')

    await page.fill('#login', said('Login'))
    await page.fill('#password', password)
    await page.click('button[type=submit]')
    await page.waitForSelector('.o_main_navbar')
    await keepPicture(page, 'home')
    expect(await page.textContent('.o_company')).toBe('Demo Company')
  },
)

test('a second start greets and keeps the tenant and its URL', async () => {
  expect(await pulse.stop()).toBe(0)
  const url = said('URL')
  pulse = await startPulse({ stateDir: pulse.stateDir, args })
  await pulse.printed('Stop with Ctrl-C')
  expect(pulse.stdout()).toContain('Tenant demo is there already: pulse open demo')
  expect((await pulse.pulse('wait', 'planaclient', 'demo')).exitCode).toBe(0)
  expect((await pulse.pulse('open', 'demo', '--print')).stdout).toBe(`${url}\n`)
  const login = await shell(`curl -s ${resolving(url)} ${url}/web/login`)
  expect(login.stdout).toContain('Demo Company')
})

/** What the welcome says after a label. */
function said(label: string): string {
  return new RegExp(`^ *${label} +(\\S+)`, 'm').exec(welcome)?.[1] ?? ''
}

function resolving(url: string): string {
  const { hostname, port } = new URL(url)
  return `--resolve ${hostname}:${port}:127.0.0.1`
}

function shell(line: string) {
  return run('sh', ['-c', line], { timeout: 30_000 })
}
