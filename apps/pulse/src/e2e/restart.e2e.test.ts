import { afterAll, beforeAll, expect, test } from 'vitest'
import { processesOf } from './processes-of-state.suite.ts'
import { type PulseUnderTest, startPulse } from './pulse-under-test.suite.ts'
import { createTenant, type Tenant, visit, type Worker, workersIn } from './tenant.suite.ts'

let pulse: PulseUnderTest
let tenants: readonly Tenant[]

beforeAll(async () => {
  pulse = await startPulse()
  tenants = [
    await createTenant(pulse, 'shared'),
    await createTenant(pulse, 'alone', '--tier', 'pro', '--hosting', 'instance'),
  ]
})
afterAll(() => pulse.cleanUp())

test('tenants live on when Pulse is killed, and are served again by the next one', async () => {
  const before = await allWorkers()
  expect(before).toHaveLength(2)
  expect(await pulse.kill('SIGKILL')).toBe('SIGKILL')
  expect(await running()).toEqual(expect.arrayContaining(before.map(({ pid }) => pid)))

  pulse = await startPulse({ stateDir: pulse.stateDir, args: ['--keep-tenants'] })
  await expectTenantsToAnswer()
  expect(await allWorkers()).toEqual(before)
})

test('SIGTERM with --keep-tenants leaves tenants and PostgreSQL to the next Pulse', async () => {
  const before = await allWorkers()
  expect(await pulse.kill('SIGTERM')).toBe(0)
  expect(await running()).toEqual(expect.arrayContaining(before.map(({ pid }) => pid)))

  pulse = await startPulse({ stateDir: pulse.stateDir })
  expect(pulse.stderr()).toContain('"adopted":true')
  await expectTenantsToAnswer()
  expect(await allWorkers()).toEqual(before)
})

test('Ctrl-C ends gateway, tenants and PostgreSQL, and the next start brings them back', async () => {
  expect(await pulse.stop()).toBe(0)
  expect(await processesOf(pulse.stateDir)).toEqual([])

  pulse = await startPulse({ stateDir: pulse.stateDir })
  for (const { name } of tenants) {
    expect(await pulse.pulse('wait', 'planaclient', name)).toMatchObject({ exitCode: 0 })
  }
})

test('pulse down ends the tenants of a Pulse that was killed', async () => {
  await pulse.kill('SIGKILL')
  expect(await pulse.pulse('down')).toMatchObject({ exitCode: 0 })
  expect(await processesOf(pulse.stateDir)).toEqual([])
  const { exitCode, stderr } = await pulse.pulse('down')
  expect(stderr).toMatch(/^Pulse is not running on /)
  expect(exitCode).toBe(4)
})

async function expectTenantsToAnswer() {
  for (const { hostname } of tenants) {
    const page = await (await visit(pulse, hostname)).get('/web/login')
    expect(page.status).toBe(200)
  }
}

async function allWorkers(): Promise<readonly Worker[]> {
  const namespaces = ['plana-odoo-18', 'instance-alone']
  return (await Promise.all(namespaces.map((name) => workersIn(pulse, name)))).flat()
}

async function running(): Promise<readonly number[]> {
  return (await processesOf(pulse.stateDir)).map(({ pid }) => pid)
}
