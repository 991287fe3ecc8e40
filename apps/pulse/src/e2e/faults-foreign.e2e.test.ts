import type { ObjectsClient } from '@pulse/engine'
import { beforeAll, expect, test } from 'vitest'
import { type PulseUnderTest, startPulse } from './pulse-under-test.suite.ts'
import {
  administratorOf,
  databasesOf,
  environmentRef,
  logIn,
  type Sql,
  tenant,
  untilCondition,
  untilGone,
  untilReady,
} from './tenants-under-test.suite.ts'

let pulse: PulseUnderTest
let objects: ObjectsClient
let sql: Sql

beforeAll(async () => {
  pulse = await startPulse()
  objects = await pulse.objects()
  sql = await administratorOf(pulse)
  return pulse.cleanUp
})

async function makeForeign(database: string) {
  await sql('postgres', `CREATE DATABASE "${database}" TEMPLATE template0`)
  await sql(database, 'CREATE TABLE theirs AS SELECT 7 AS number')
}

test("a database of the tenant's name that is not Pulse's is never touched; when it is renamed away, the creation goes on", async () => {
  await makeForeign('theirs.localhost')
  await objects.create(tenant('theirs'), { fieldManager: 'test' })
  const condition = await untilCondition(objects, environmentRef('theirs'), {
    type: 'DatabaseReady',
    status: 'False',
    reason: 'ClaimRetries',
  })
  expect(condition.message).toContain("database theirs.localhost exists and is not Pulse's")
  expect(await sql('theirs.localhost', 'SELECT number FROM theirs')).toEqual([{ number: 7 }])

  await sql('postgres', 'ALTER DATABASE "theirs.localhost" RENAME TO "kept by its owner"')
  await untilReady(objects, 'theirs')
  expect(await logIn(pulse, objects, 'theirs')).toMatch(/^\d+$/)
  expect(await sql('kept by its owner', 'SELECT number FROM theirs')).toEqual([{ number: 7 }])
})

test("a tenant that is deleted before it got its database leaves somebody else's of that name alone", async () => {
  await makeForeign('never.localhost')
  await objects.create(tenant('never'), { fieldManager: 'test' })
  await untilCondition(objects, environmentRef('never'), {
    type: 'DatabaseReady',
    reason: 'ClaimRetries',
  })
  await objects.delete({ ...environmentRef('never'), kind: 'PLANAClient', name: 'never' })
  await untilGone(objects, 'never')
  expect(await sql('never.localhost', 'SELECT number FROM theirs')).toEqual([{ number: 7 }])
  expect(await databasesOf(sql)).toContain('never.localhost')
})
