import { recordOf } from '@pulse/api'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { forkParentOf, wakeAnew } from './forked.suite.ts'
import { type PulseUnderTest, startPulse } from './pulse-under-test.suite.ts'
import { createTenant, type Tenant, visit, workersIn } from './tenant.suite.ts'
import { environmentRef, untilCondition } from './tenants-under-test.suite.ts'

const namespace = 'instance-forker'
const patience = { timeout: 60_000 }
let pulse: PulseUnderTest
let tenant: Tenant

beforeAll(async () => {
  pulse = await startPulse()
  await vi.waitFor(
    async () => expect(await forked()).toMatchObject({ status: 'True', reason: 'ParentReady' }),
    patience,
  )
  tenant = await createTenant(pulse, 'forker', '--tier', 'pro', '--hosting', 'instance')
})
afterAll(() => pulse.cleanUp())

test('an instance is a fork of the parent of its major; a pool is not', async () => {
  const [instance] = await workersIn(pulse, namespace)
  const [pool] = await workersIn(pulse, 'plana-odoo-18')
  expect(await forkParentOf(instance?.pid ?? 0)).toBeGreaterThan(1)
  expect(await forkParentOf(pool?.pid ?? 0)).toBeUndefined()
  const told = { type: 'Forked', status: 'True', reason: 'ParentReady' }
  await untilCondition(await pulse.objects(), environmentRef('forker'), told)
  expect((await (await visit(pulse, tenant.hostname)).get('/web/login')).status).toBe(200)
})

test('an instance that wakes anew is a fork again, and ends as told', async () => {
  const [before] = await workersIn(pulse, namespace)
  const after = await wakeAnew(pulse, namespace)
  expect(after.pid).not.toBe(before?.pid)
  expect(await forkParentOf(after.pid)).toBeGreaterThan(1)
  expect((await (await visit(pulse, tenant.hostname)).get('/web/login')).status).toBe(200)
})

test('a tenant that wakes as a fork is told to have done so', async () => {
  expect(await pulse.pulse('sleep', 'forker')).toMatchObject({ exitCode: 0 })
  expect(await pulse.pulse('wake', 'forker')).toMatchObject({ exitCode: 0 })
  const told = await pulse.pulse('describe', 'planaclient', 'forker')
  expect(told.stdout).toMatch(/^ *forked: +p50 [\d.]+ s, p99 [\d.]+ s, of the last one$/m)
})

test('a parent that dies twice is given up: its instances live on, the next ones start plainly and say so', async () => {
  const [instance] = await workersIn(pulse, namespace)
  const first = (await forkParentOf(instance?.pid ?? 0)) ?? 0
  expect(first).toBeGreaterThan(1)
  const parents = readyParents().length
  process.kill(first, 'SIGKILL')
  // The next one may be ready before anybody has looked: only the log keeps each of them.
  await expect.poll(() => readyParents().length, patience).toBe(parents + 1)
  await expect.poll(forked, patience).toMatchObject({ status: 'True', reason: 'ParentReady' })
  expect(await workersIn(pulse, namespace)).toEqual([instance])

  const { pid } = await wakeAnew(pulse, namespace)
  const second = (await forkParentOf(pid)) ?? 0
  expect(second).toBeGreaterThan(1)
  expect(second).not.toBe(first)
  process.kill(second, 'SIGKILL')
  await expect.poll(forked, patience).toMatchObject({ status: 'False', reason: 'ParentFailed' })
  const told = { type: 'Forked', status: 'False', reason: 'ParentFailed' }
  await untilCondition(await pulse.objects(), environmentRef('forker'), told)
  const described = await pulse.pulse('describe', 'planaclient', 'forker')
  expect(described.stdout).toMatch(/Next start: +starts plainly, .*: ended with SIGKILL/)
  const plain = await wakeAnew(pulse, namespace)
  expect(await forkParentOf(plain.pid)).toBeUndefined()
  expect((await (await visit(pulse, tenant.hostname)).get('/web/login')).status).toBe(200)
  const { stdout } = await pulse.pulse('describe', 'pod', plain.podName, '-n', namespace)
  expect(stdout).toContain('started plainly (ParentFailed): ended with SIGKILL')
})

/** Each parent that has become ready to fork, as the log tells. */
function readyParents(): readonly string[] {
  return pulse.stderr().match(/"ready to fork"/g) ?? []
}

/** The Node's word on forks of Odoo 18. */
async function forked() {
  const objects = await pulse.objects()
  const node = await objects.get({ apiVersion: 'v1', kind: 'Node', name: 'pulse' })
  const { conditions } = recordOf(node?.status)
  return Array.isArray(conditions) && conditions.find(({ type }) => type === 'Forked-18')
}
