import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { findCondition } from '../commands/conditions.ts'
import { pulseOfTest } from './pulse-under-test.suite.ts'
import { createTenant, postgresOf, visit } from './tenant.suite.ts'
import {
  environmentRef,
  logIn,
  read,
  tenant,
  untilReady,
  untilTemplatesReady,
} from './tenants-under-test.suite.ts'

const patience = { timeout: 60_000, interval: 200 }

test('while others hold all connections of PostgreSQL who lives is served, and what waits says why and comes when there are some again', async () => {
  const pulse = await pulseOfTest()
  const objects = await pulse.objects()
  await untilTemplatesReady(objects)
  await createTenant(pulse, 'acme', '--tier', 'pro', '--hosting', 'instance')
  const acme = await visit(pulse, 'acme.localhost')
  expect(await acme.get('/web/login')).toMatchObject({ status: 200 })

  const { admin } = await postgresOf(pulse)
  const { host, port, user } = admin
  const others: pg.Client[] = []
  const end = () => Promise.all(others.splice(0).map((client) => client.end()))
  onTestFinished(async () => void (await end()))
  const takeAll = async () => {
    for (;;) {
      const client = new pg.Client({ host, port, user, database: 'postgres' })
      client.on('error', () => undefined)
      await client.connect()
      others.push(client)
    }
  }
  await expect(takeAll()).rejects.toThrow(/too many clients|remaining connection slots/)
  await objects.create(tenant('late', { hosting: 'instance' }), { fieldManager: 'test' })
  const told = async () => {
    const environment = await read(objects, environmentRef('late'))
    return environment === 'no answer' ? environment : findCondition(environment, 'DatabaseReady')
  }
  await expect.poll(told, patience).toMatchObject({
    status: 'False',
    message: expect.stringMatching(/too many clients|remaining connection slots/),
  })
  for (let requests = 0; requests < 20; requests += 1) {
    expect(await acme.get('/web/login')).toMatchObject({ status: 200 })
  }

  await end()
  await untilReady(objects, 'late')
  expect(await logIn(pulse, objects, 'late')).toMatch(/^\d+$/)
})
