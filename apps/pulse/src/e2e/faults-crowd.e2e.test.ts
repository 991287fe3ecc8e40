import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { apiVersion, type KubeObject } from '@pulse/api'
import type { ObjectsClient } from '@pulse/engine'
import { beforeAll, expect, test } from 'vitest'
import { conditionsOf } from '../commands/conditions.ts'
import { readLogin } from '../commands/login.ts'
import { type PulseUnderTest, startPulse } from './pulse-under-test.suite.ts'
import {
  administratorOf,
  clientRef,
  countProcesses,
  databasesOf,
  logIn,
  type Sql,
  tenant,
  unfinishedIn,
  untilGone,
  untilTemplatesReady,
} from './tenants-under-test.suite.ts'

const patience = { timeout: 300_000, interval: 200 }
const crowd = Array.from({ length: 100 }, (_, index) => `crowd-${index}`)

let pulse: PulseUnderTest
let objects: ObjectsClient
let sql: Sql

beforeAll(async () => {
  pulse = await startPulse()
  objects = await pulse.objects()
  sql = await administratorOf(pulse)
  await untilTemplatesReady(objects)
  return pulse.cleanUp
})

async function applyAll(manifests: readonly KubeObject[]) {
  const folder = await mkdtemp(join(tmpdir(), 'pulse-crowd-'))
  try {
    await writeFile(join(folder, 'crowd.json'), JSON.stringify({ kind: 'List', items: manifests }))
    return await pulse.pulse('apply', '-f', folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** They only tell how things are. */
const informing = ['Isolated', 'Forked']

/** What does not hold of the resources of a kind. */
async function troublesOf(kind: string): Promise<readonly string[]> {
  const { items } = await objects.list({ apiVersion, kind })
  return items.flatMap((item) => {
    const conditions = conditionsOf(item).filter(({ type }) => !informing.includes(type))
    if (conditions.length === 0) return [`${item.metadata.name}: nothing is known`]
    return conditions
      .filter(({ status }) => status !== 'True')
      .map(({ type, reason }) => `${item.metadata.name}: ${type} ${reason}`)
  })
}

/** What the engine writes when it is not at rest; the gateway's Lease beats for ever. */
const written = [
  { apiVersion, kind: 'PLANAClient' },
  { apiVersion, kind: 'TenantEnvironment' },
  { apiVersion: 'batch/v1', kind: 'Job' },
  { apiVersion: 'apps/v1', kind: 'Deployment' },
  ...['Pod', 'Secret', 'ConfigMap', 'Event'].map((kind) => ({ apiVersion: 'v1', kind })),
]

async function versions(): Promise<string> {
  const lists = await Promise.all(written.map((kind) => objects.list(kind)))
  return lists
    .flatMap(({ items }) => items)
    .map(({ metadata }) => `${metadata.uid}@${metadata.resourceVersion}`)
    .join()
}

/** Nothing has been written since the last look, ten seconds before. */
async function untilAtRest() {
  let before = ''
  await expect
    .poll(
      async () => {
        const now = await versions()
        const isAtRest = now === before
        before = now
        return isAtRest
      },
      { timeout: 150_000, interval: 10_000 },
    )
    .toBe(true)
}

test('a hundred tenants at once all become ready, each with a database and a password of its own, and the engine comes to rest', async () => {
  const { exitCode, stderr } = await applyAll(crowd.map((name) => tenant(name)))
  expect(stderr).toBe('')
  expect(exitCode).toBe(0)
  for (const kind of ['TenantEnvironment', 'PLANAClient']) {
    await expect.poll(() => troublesOf(kind), patience).toEqual([])
  }

  const databases = await databasesOf(sql)
  expect(databases.filter((name) => name.startsWith('crowd-'))).toHaveLength(100)
  const logins = await Promise.all(crowd.map((name) => readLogin(objects, `${name}-prod`)))
  expect(new Set(logins.map(({ password }) => password)).size).toBe(100)
  expect(new Set(logins.map(({ login }) => login)).size).toBe(100)
  expect(await logIn(pulse, objects, 'crowd-0')).toMatch(/^\d+$/)
  expect(await logIn(pulse, objects, 'crowd-99')).toMatch(/^\d+$/)
  await untilAtRest()
  expect(await unfinishedIn(sql)).toEqual([])
}, 600_000)

/** Moments of a creation: before anything, while the database is made, while the worker starts. */
const moments = [0, 30, 100, 200, 400, 700, 1100, 1600]

test('a tenant that is deleted at any moment of its creation leaves nothing but a tombstone', async () => {
  const rounds = moments.flatMap((moment) =>
    (['pool', 'instance'] as const).map((hosting) => ({
      name: `brief-${hosting}-${moment}`,
      hosting,
      moment,
    })),
  )
  await Promise.all(
    rounds.map(async ({ name, hosting, moment }) => {
      await objects.create(tenant(name, { hosting }), { fieldManager: 'test' })
      // Not a wait for anything: the moment is the input of this test.
      await delay(moment)
      await objects.delete(clientRef(name))
    }),
  )
  for (const { name } of rounds) await untilGone(objects, name)

  expect((await databasesOf(sql)).filter((name) => name.includes('brief'))).toEqual([])
  await expect.poll(() => unfinishedIn(sql), patience).toEqual([])
  await expect.poll(() => countProcesses(pulse.stateDir, 'brief-'), patience).toBe(0)
  for (const kind of ['Secret', 'ConfigMap', 'Namespace', 'Pod']) {
    await expect
      .poll(async () => {
        const { items } = await objects.list({ apiVersion: 'v1', kind })
        const isTask = ({ metadata }: KubeObject) => metadata.namespace === 'crossplane-system'
        return items
          .filter((item) => !isTask(item))
          .map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`)
          .filter((name) => name.includes('brief-'))
      }, patience)
      .toEqual([])
  }
  // Their names are free again.
  await objects.create(tenant('brief-pool-0'), { fieldManager: 'test' })
  await expect.poll(() => troublesOf('PLANAClient'), patience).toEqual([])
  expect(await logIn(pulse, objects, 'brief-pool-0')).toMatch(/^\d+$/)
}, 300_000)
