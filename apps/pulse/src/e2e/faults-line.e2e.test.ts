import { startTcpProxy, startTestPostgres, type TcpProxy } from '@pulse/testing'
import { beforeAll, expect, test } from 'vitest'
import { type PulseUnderTest, startPulse } from './pulse-under-test.suite.ts'
import { createTenant, visit } from './tenant.suite.ts'
import {
  clientRef,
  read,
  tenant,
  untilReady,
  untilTemplatesReady,
} from './tenants-under-test.suite.ts'

const patience = { timeout: 60_000, interval: 50 }

let line: TcpProxy
let pulse: PulseUnderTest

/** A PostgreSQL on another machine, as it were: whatever Pulse, its tasks and its tenants ask of it takes this line. */
beforeAll(async () => {
  const postgres = await startTestPostgres()
  line = await startTcpProxy(postgres)
  const url = `postgres://${postgres.user}:${postgres.password}@127.0.0.1:${line.port}/postgres`
  pulse = await startPulse({ env: { PLANA_DATABASE_URL: url, PLANA_GATEWAY_LEASE_SECONDS: '5' } })
  return async () => {
    line.behave({})
    await pulse.cleanUp()
    await line[Symbol.asyncDispose]()
    await postgres.stop()
  }
})

async function readiness(): Promise<string> {
  const { metrics } = (await pulse.running()) ?? {}
  return await (await fetch(`${metrics}/readyz?verbose`)).text()
}

test('on a slow line to PostgreSQL a tenant is made; while the line is silent those who are awake are served and each call is given up; then all goes on', async () => {
  const objects = await pulse.objects()
  await untilTemplatesReady(objects)
  line.behave({ delayMs: 5, bytesPerSecond: 2_000_000 })
  await createTenant(pulse, 'acme', '--tier', 'pro', '--hosting', 'instance')
  const acme = await visit(pulse, 'acme.localhost')
  expect(await acme.get('/web/login')).toMatchObject({ status: 200 })

  line.behave({ isSilent: true })
  const creation = pulse.pulse('create', 'late', '--owner', 'late@late.example')
  expect(await acme.get('/web/health')).toMatchObject({ status: 200 })
  expect(await readiness()).toContain('[-]store failed')
  const { stdout, exitCode } = await pulse.pulse('status')
  expect(exitCode).toBe(0)
  expect(stdout).toMatch(/^Problem +PostgreSQL: no answer in time$/m)
  expect(stdout).not.toContain('PLANA_FORKED_WORKERS is off')
  expect(await creation).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('the store does not answer; the request can be tried again'),
  })

  line.behave({})
  await expect.poll(readiness, patience).toContain('readyz check passed')
  expect(await acme.get('/web/login')).toMatchObject({ status: 200 })
})

test('a tenant that is made while the line is cut again and again is there once', async () => {
  const objects = await pulse.objects()
  const name = 'cut-off'
  await objects.create(tenant(name, { hosting: 'instance' }), { fieldManager: 'test' })
  for (let cuts = 0; cuts < 10; cuts += 1) {
    line.cut()
    await expect.poll(() => read(objects, clientRef(name)), patience).not.toBe('no answer')
  }
  await untilReady(objects, name)
  const { stdout } = await pulse.pulse('task', 'leak-check')
  expect(stdout).not.toContain(name)
})

test('a stop while the line is silent comes to its end', async () => {
  line.behave({ isSilent: true })
  expect(await pulse.stop()).toBe(0)
})
