import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hasReason } from '@pulse/api'
import type { ObjectsClient } from '@pulse/engine'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  arm,
  isArmed,
  type Point,
  stepsEnvironment,
  takePassed,
  type Victim,
} from './killed-at-step.suite.ts'
import { type PulseUnderTest, startPulse } from './pulse-under-test.suite.ts'
import {
  administratorOf,
  clientRef,
  countProcesses,
  databasesOf,
  environmentRef,
  logIn,
  type Sql,
  tenant,
  unfinishedIn,
  untilGone,
  untilReady,
  untilTemplatesReady,
} from './tenants-under-test.suite.ts'

const harness = new URL('./killed-at-step.suite.ts', import.meta.url).href
const patience = { timeout: 60_000, interval: 50 }

let folder: string
let pulse: PulseUnderTest
let objects: ObjectsClient
let sql: Sql

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pulse-steps-'))
  await chmod(folder, 0o700)
  pulse = await startPulse({ imports: [harness], env: { [stepsEnvironment]: folder } })
  objects = await pulse.objects()
  sql = await administratorOf(pulse)
})

afterAll(async () => {
  await pulse.cleanUp()
  await rm(folder, { recursive: true, force: true })
}, 120_000)

/** A new Pulse over the same state, which finds its ports again. */
async function restart() {
  const { stateDir } = pulse
  pulse = await startPulse({ stateDir, imports: [harness], env: { [stepsEnvironment]: folder } })
  objects = await pulse.objects()
}

interface Kill {
  readonly point: Point
  readonly victim: Victim
}

/**
 * Every begin of a step, and of each task its last end: the other ends are the begins of what follows. In tasks the task
 * runner and the server die by turns.
 */
function killsOf(points: readonly Point[]): readonly Kill[] {
  const ours = points.filter(
    (point) => / (claim|drop|teardown|pod)\//.test(point) && !isOfFilling(point),
  )
  const taskOf = (point: Point) => point.split('/', 1)[0]
  const isLast = (point: Point) =>
    ours.findLast((other) => taskOf(other) === taskOf(point)) === point
  return ours
    .filter((point) => point.endsWith(':begin') || isLast(point))
    .map((point, index) => ({
      point,
      victim: point.startsWith('server') || index % 2 === 0 ? 'itself' : 'server',
    }))
}

/** A claim fills for itself only when no standby is there, which no test decides; killed tasks have tests of their own. */
function isOfFilling(point: Point): boolean {
  return / claim\/(clear|create|role|own|name):/.test(point)
}

/** Does the work with the process dying on the way; resolves with a Pulse that runs again. */
async function dyingAt({ point, victim }: Kill, work: () => Promise<unknown>): Promise<void> {
  const serverDies = point.startsWith('server') || victim === 'server'
  arm(folder, point, victim)
  let isAnswered = true
  await work().catch((error: unknown) => {
    if (!serverDies || !hasReason(error, 'ServiceUnavailable')) throw error
    isAnswered = false
  })
  await expect
    .poll(() => isArmed(folder), { ...patience, message: `${point} is passed` })
    .toBe(false)
  if (!serverDies) return
  expect(await pulse.exited).toBe('SIGKILL')
  await restart()
  if (!isAnswered) await askAgain(work)
}

/**
 * Who got no answer asks again, as every client does: the server may have died before anything was stored, for a pod
 * that refills the standby passes the same points.
 */
async function askAgain(work: () => Promise<unknown>): Promise<void> {
  await work().catch((error: unknown) => {
    if (!hasReason(error, 'AlreadyExists') && !hasReason(error, 'NotFound')) throw error
  })
}

const create = (name: string) =>
  objects.create(tenant(name, { hosting: 'instance' }), { fieldManager: 'test' })
const remove = (name: string) => objects.delete(clientRef(name))

/** One server, one task runner, and of this tenant one process, one pod, one database under its name. */
async function mustBeWhole(name: string) {
  await untilReady(objects, name)
  expect(await logIn(pulse, objects, name)).toMatch(/^\d+$/)
  expect((await databasesOf(sql)).filter((database) => database.includes(name))).toEqual([
    `${name}.localhost`,
  ])
  await expect.poll(() => unfinishedIn(sql), patience).toEqual([])
  await expect
    .poll(() => countProcesses(pulse.stateDir, `--database=${name}.localhost`), patience)
    .toBe(1)
  await expect.poll(() => podsOf(name), patience).toHaveLength(1)
  await expect.poll(() => countProcesses(pulse.stateDir, 'task-runner'), patience).toBe(1)
}

async function podsOf(name: string): Promise<readonly string[]> {
  const { items } = await objects.list({
    apiVersion: 'v1',
    kind: 'Pod',
    namespace: `instance-${name}`,
  })
  return items.map(({ metadata }) => metadata.name)
}

/** Nothing is left but the tombstone of this environment. */
async function mustBeGone(name: string, uid: string) {
  await untilGone(objects, name)
  const databases = await databasesOf(sql)
  expect(databases.filter((database) => database.includes(name))).toEqual([])
  expect(databases).toContain(`~${uid}`)
  await expect.poll(() => unfinishedIn(sql), patience).toEqual([])
  await expect.poll(() => countProcesses(pulse.stateDir, `${name}.localhost`), patience).toBe(0)
  const namespace = { apiVersion: 'v1', kind: 'Namespace', name: `instance-${name}` }
  await expect.poll(() => objects.get(namespace), patience).toBeUndefined()
  const roles = await sql(
    'postgres',
    "SELECT rolname FROM pg_roles WHERE rolcanlogin AND rolname LIKE 'instance-%'",
  )
  expect(roles.map(({ rolname }) => rolname)).not.toContain(`instance-${name}`)
}

async function uidOf(name: string): Promise<string> {
  return (await objects.get(environmentRef(name)))?.metadata.uid ?? ''
}

test('killed at any step of a creation or of a deletion, Pulse goes on and leaves nothing half-made', async () => {
  // What a run passes when nobody dies.
  await untilTemplatesReady(objects)
  takePassed(folder)
  await create('recorded')
  await mustBeWhole('recorded')
  const creation = killsOf(takePassed(folder))
  const recordedUid = await uidOf('recorded')
  await remove('recorded')
  await mustBeGone('recorded', recordedUid)
  const deletion = killsOf(takePassed(folder))
  expect(creation.map(({ point }) => point)).toContain('task-runner claim/publish:begin')
  expect(deletion.map(({ point }) => point)).toContain('task-runner drop/bury:begin')

  // One tenant for each pair of deaths: one while it is made, one while it goes.
  for (let round = 0; round < Math.max(creation.length, deletion.length); round += 1) {
    const name = `killed-${round}`
    const [dying, leaving] = [creation[round], deletion[round]]
    if (dying === undefined) await create(name)
    else await dyingAt(dying, () => create(name))
    await mustBeWhole(name)
    const uid = await uidOf(name)
    if (leaving === undefined) await remove(name)
    else await dyingAt(leaving, () => remove(name))
    await mustBeGone(name, uid)
  }
}, 900_000)
