import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { apiVersion } from '@pulse/api'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import type { PulseUnderTest } from './pulse-under-test.suite.ts'
import { type SleepingTenant, startSleepingTenant } from './sleeping-tenant.suite.ts'
import { createTenant } from './tenant.suite.ts'

const testMs = 180_000

let pulse: PulseUnderTest
let acme: SleepingTenant

beforeAll(async () => {
  acme = await startSleepingTenant()
  pulse = acme.pulse
  await createTenant(pulse, 'crowd', '--hosting', 'pool')
  return pulse.cleanUp
}, testMs)

/** A visitor in the middle of an upload: under way until he is let go. */
async function beginUpload(): Promise<Socket> {
  const port = await pulse.httpPort()
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  socket.on('error', () => {})
  socket.write(
    `POST /web/login HTTP/1.1\r\nHost: ${acme.hostname}:${port}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nlogin=`,
  )
  return socket
}

async function metrics(): Promise<string> {
  const running = await pulse.running()
  const answer = await fetch(`${running?.metrics}/metrics`)
  return await answer.text()
}

test(
  'sleep returns when nothing of the tenant runs, wake when it can be served',
  async () => {
    expect(await pulse.pulse('sleep', 'acme', '-o', 'json')).toMatchObject({
      exitCode: 0,
      stdout: '{"environment":"acme-prod","state":"asleep"}\n',
    })
    expect(await acme.pods()).toEqual([])
    const told = await pulse.pulse('describe', 'planaclient', 'acme')
    expect(told.stdout).toMatch(/Temperature: +cold, asleep\n +Since: +\d+s/)
    const counted = await pulse.pulse('status')
    expect(counted.stdout).toMatch(/^Environments +2, 2 ready, 1 asleep$/m)
    expect(await pulse.pulse('wake', 'acme')).toMatchObject({ exitCode: 0 })
    expect(await acme.pods()).toHaveLength(1)
    const visitor = await acme.visit()
    expect(await visitor.get('/web/login')).toMatchObject({ status: 200 })
    const woken = await pulse.pulse('describe', 'tenantenvironment', 'acme-prod')
    expect(woken.stdout).toMatch(/Temperature: +hot, awake/)
    const awake = await pulse.pulse('status', '-o', 'json')
    expect(JSON.parse(awake.stdout)).toMatchObject({ environments: 2, asleepEnvironments: 0 })
    expect(woken.stdout).toMatch(/Wakes today: +1\n +Wake times: +p50 [\d.]+ s, p99 [\d.]+ s/)
  },
  testMs,
)

test(
  'sleep says that requests are under way, and does not put it to sleep later',
  async () => {
    const upload = await beginUpload()
    const refused = await pulse.pulse('sleep', 'acme', '--timeout', '15s')
    expect(refused).toMatchObject({ exitCode: 3 })
    expect(refused.stderr).toContain('did not fall asleep in time')
    expect(refused.stderr).toContain('1 request under way')
    const environment = await acme.objects.get({
      apiVersion,
      kind: 'TenantEnvironment',
      name: 'acme-prod',
    })
    expect(environment?.metadata.annotations).not.toHaveProperty('planapulse.com/sleep-at')
    expect(await acme.pods()).toHaveLength(1)
    upload.destroy()
  },
  testMs,
)

test(
  'kept awake, it is put to sleep only by force',
  async () => {
    expect(await pulse.pulse('wake', 'acme', '--keep', '1h')).toMatchObject({ exitCode: 0 })
    const refused = await pulse.pulse('sleep', 'acme')
    expect(refused).toMatchObject({ exitCode: 1 })
    expect(refused.stderr).toMatch(/acme does not sleep: it is kept awake until 20/)
    expect(await pulse.pulse('sleep', 'acme', '--force')).toMatchObject({ exitCode: 0 })
    expect(await acme.pods()).toEqual([])
  },
  testMs,
)

test(
  'one that a pool serves does not sleep, and is awake at once',
  async () => {
    const refused = await pulse.pulse('sleep', 'crowd')
    expect(refused).toMatchObject({ exitCode: 1 })
    expect(refused.stderr).toContain('the pool of Odoo 18 serves it')
    expect(await pulse.pulse('wake', 'crowd')).toMatchObject({ exitCode: 0 })
    expect(await pulse.pulse('wake', 'crowd', '--keep', '2h')).toMatchObject({
      exitCode: 0,
      stderr: expect.stringMatching(
        /^Warning: annotation .* has no effect: .*pools do not sleep$/m,
      ),
    })
    const told = await pulse.pulse('describe', 'planaclient', 'crowd')
    expect(told.stdout).toContain('warm or hot, served by the pool of Odoo 18')
  },
  testMs,
)

test(
  'one whose sleep is switched off is not put to sleep by hand either',
  async () => {
    const set = (enabled: boolean) => acme.setSpec({ sleep: { enabled } })
    await set(false)
    onTestFinished(() => set(true))
    const refused = await pulse.pulse('sleep', 'acme')
    expect(refused).toMatchObject({ exitCode: 1 })
    expect(refused.stderr).toContain('sleeping is switched off')
  },
  testMs,
)

test(
  'a tenant is suspended and resumed, and its address has said so when the command returns',
  async () => {
    const visitor = await acme.visit()
    expect(await pulse.pulse('suspend', 'acme')).toMatchObject({ exitCode: 0 })
    expect(await visitor.get('/web/login')).toMatchObject({ status: 402 })
    const refused = await pulse.pulse('wake', 'acme')
    expect(refused).toMatchObject({ exitCode: 1 })
    expect(refused.stderr).toContain('acme is suspended: pulse')
    expect(await pulse.pulse('suspend', 'acme-prod')).toMatchObject({ exitCode: 1 })
    expect(await pulse.pulse('resume', 'acme')).toMatchObject({ exitCode: 0 })
    expect(await visitor.get('/web/login')).toMatchObject({ status: 200 })
  },
  testMs,
)

test(
  'the metrics tell of wakes and sleeps, of waiting and of who was awake',
  async () => {
    const text = await metrics()
    expect(text).toMatch(/^pulse_gateway_wakes_total\{cause="asked",temperature="\w+"\} \d+$/m)
    expect(text).toMatch(/^pulse_gateway_sleeps_total [1-9]/m)
    expect(text).toMatch(/^pulse_gateway_refused_sleeps_total\{because="busy"\} [1-9]/m)
    expect(text).toMatch(/^pulse_gateway_hold_duration_seconds_count\{outcome="go"\} [1-9]/m)
    expect(text).toMatch(/^pulse_gateway_awake_seconds_total\{environment="acme-prod"\} \d/m)
    expect(text).not.toContain('environment="crowd-prod"')
  },
  testMs,
)

test('a name that nobody has is told as such', async () => {
  for (const command of ['wake', 'sleep', 'suspend', 'resume']) {
    const missing = await pulse.pulse(command, 'nobody')
    expect(missing).toMatchObject({ exitCode: 1 })
    expect(missing.stderr).toContain('there is no tenant')
  }
})
