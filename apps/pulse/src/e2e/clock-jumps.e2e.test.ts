import { globSync } from 'node:fs'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type PulseUnderTest, pulseOfTest } from './pulse-under-test.suite.ts'
import { createSleepingTenant } from './sleeping-tenant.suite.ts'
import { createTenant, visit, workersIn } from './tenant.suite.ts'
import { untilTemplatesReady } from './tenants-under-test.suite.ts'

/** Tells programs another time of day (faketime(1)); what passes between two moments stays what it is. */
const [library = ''] = globSync('/usr/lib/*/faketime/libfaketime.so.1')

interface Watch {
  /** How far from the true time: `+2h`. */
  set(offset: string): Promise<void>
  readonly env: Readonly<Record<string, string>>
}

async function makeWatch(): Promise<Watch> {
  const folder = await mkdtemp(join(tmpdir(), 'pulse-clock-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'offset')
  const set = async (offset: string) => {
    await writeFile(`${file}.draft`, offset)
    await rename(`${file}.draft`, file)
  }
  await set('+0')
  const env = {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_CACHE_DURATION: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  }
  return { set, env }
}

const hour = 3_600_000
const byOffset = { '+2h': 2 * hour, '-1h': -hour, '+40d': 40 * 24 * hour, '+0': 0 } as const
const offsets = ['+2h', '-1h', '+40d', '+0'] as const

test('whatever the clock is set to, tenants are served, put to sleep, woken and made, and none is started anew', async () => {
  const clock = await makeWatch()
  const pulse = await pulseOfTest({ env: clock.env })
  await untilTemplatesReady(await pulse.objects())
  const acme = await createSleepingTenant(pulse, 'acme')
  await createTenant(pulse, 'steady', '--tier', 'pro', '--hosting', 'instance')
  const workers = await workersIn(pulse, 'instance-steady')
  expect(workers).toHaveLength(1)

  for (const [index, offset] of offsets.entries()) {
    await clock.set(offset)
    const isSet = async () =>
      Math.abs((await timeTold(pulse)) - Date.now() - byOffset[offset]) < 60_000
    await expect.poll(isSet, { timeout: 30_000, interval: 200 }).toBe(true)
    const steady = await visit(pulse, 'steady.localhost')
    expect(await steady.get('/web/login'), offset).toMatchObject({ status: 200 })
    const sleep = await pulse.pulse('sleep', 'acme', '--timeout', '60s')
    expect(sleep, `${offset}: ${sleep.stderr}`).toMatchObject({ exitCode: 0 })
    expect(await acme.pods(), offset).toEqual([])
    expect(await (await acme.visit()).get('/web/login'), offset).toMatchObject({ status: 200 })
    await createTenant(pulse, `made-${index}`, '--tier', 'pro', '--hosting', 'instance')
  }
  expect(await workersIn(pulse, 'instance-steady')).toEqual(workers)
})

/** By its own clock, as the gateway dates its answers. */
async function timeTold(pulse: Pick<PulseUnderTest, 'running'>): Promise<number> {
  const { metrics = '' } = (await pulse.running()) ?? {}
  const { headers } = await fetch(`${metrics}/livez`)
  return Date.parse(headers.get('date') ?? '')
}
