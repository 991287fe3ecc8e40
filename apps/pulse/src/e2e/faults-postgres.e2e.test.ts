import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { apiVersion } from '@pulse/api'
import type { ObjectsClient } from '@pulse/engine'
import { beforeAll, expect, test } from 'vitest'
import { processesOf } from './processes-of-state.suite.ts'
import { type PulseUnderTest, startPulse } from './pulse-under-test.suite.ts'
import {
  administratorOf,
  clientRef,
  databasesOf,
  logIn,
  tenant,
  unfinishedIn,
  untilReady,
  untilTemplatesReady,
} from './tenants-under-test.suite.ts'

const patience = { timeout: 60_000, interval: 50 }

let pulse: PulseUnderTest
let objects: ObjectsClient

beforeAll(async () => {
  pulse = await startPulse()
  objects = await pulse.objects()
  await untilTemplatesReady(objects)
  return pulse.cleanUp
})

/** As the kernel does when memory is short. */
async function killPostgres() {
  const file = await readFile(join(pulse.stateDir, 'postgres/data/postmaster.pid'), 'utf8')
  process.kill(Number(file.split('\n')[0]), 'SIGKILL')
}

const create = (name: string, hosting: string) =>
  objects.create(tenant(name, { hosting }), { fieldManager: 'test' })

async function uids(): Promise<readonly (string | undefined)[]> {
  const clients = await objects.list({ apiVersion, kind: 'PLANAClient' })
  const environments = await objects.list({ apiVersion, kind: 'TenantEnvironment' })
  return [...clients.items, ...environments.items].map(({ metadata }) => metadata.uid)
}

test('a PostgreSQL that is killed is started again: no resource is lost, tenants recover by themselves', async () => {
  for (const hosting of ['pool', 'instance']) await create(`of-${hosting}`, hosting)
  for (const hosting of ['pool', 'instance']) await untilReady(objects, `of-${hosting}`)
  const before = await uids()

  await killPostgres()
  await expect.poll(() => pulse.stderr(), patience).toContain('! PostgreSQL died')
  await expect.poll(() => pulse.stderr(), patience).toContain('! PostgreSQL runs again')
  await expect.poll(() => uids().catch(() => []), patience).toEqual(before)
  for (const name of ['of-pool', 'of-instance']) {
    await expect.poll(() => logIn(pulse, objects, name).catch(String), patience).toMatch(/^\d+$/)
    await untilReady(objects, name)
  }
})

test('a tenant whose PostgreSQL dies while it is made is made all the same, once', async () => {
  await create('meanwhile', 'instance')
  await expect
    .poll(async () => {
      const { items } = await objects.list({
        apiVersion: 'batch/v1',
        kind: 'Job',
        namespace: 'crossplane-system',
      })
      return items.map(({ metadata }) => metadata.name)
    }, patience)
    .toContainEqual(expect.stringMatching(/^claim-meanwhile-/))
  await killPostgres()
  await untilReady(objects, 'meanwhile')
  await expect
    .poll(() => logIn(pulse, objects, 'meanwhile').catch(String), patience)
    .toMatch(/^\d+$/)
  const sql = await administratorOf(pulse)
  expect((await databasesOf(sql)).filter((name) => name.includes('meanwhile'))).toEqual([
    'meanwhile.localhost',
  ])
  await expect.poll(() => unfinishedIn(sql), patience).toEqual([])
  expect(await objects.get(clientRef('meanwhile'))).toBeDefined()
})

test('a stop while PostgreSQL is dead comes to its end, and leaves no process', async () => {
  await killPostgres()
  expect(await pulse.stop()).toBe(0)
  await expect.poll(() => processesOf(pulse.stateDir), patience).toEqual([])
})
