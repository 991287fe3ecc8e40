import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { OdooMajor } from '@pulse/api'
import type { ObjectsClient } from '@pulse/engine'
import { writeRuntime } from '@pulse/odoo'
import { standInAt } from '@pulse/testing'
import { beforeAll, expect, test } from 'vitest'
import { type PulseUnderTest, startPulse } from './pulse-under-test.suite.ts'
import {
  conditionOf,
  environmentRef,
  logIn,
  tenant,
  untilCondition,
  untilReady,
} from './tenants-under-test.suite.ts'

const patience = { timeout: 90_000, interval: 100 }

let pulse: PulseUnderTest
let objects: ObjectsClient

beforeAll(async () => {
  pulse = await startPulse()
  objects = await pulse.objects()
  return pulse.cleanUp
})

const create = (name: string, spec: Readonly<Record<string, unknown>> = {}) =>
  objects.create(tenant(name, spec), { fieldManager: 'test' })

/** The stand-in as a runtime that an operator has registered. */
async function registerStandIn(major: OdooMajor) {
  const { command, args } = standInAt(join(pulse.stateDir, 'stand-in'), 0)(major)
  await writeRuntime(pulse.stateDir, {
    major,
    version: `${major}.0`,
    command: [command, ...args],
    standIn: true,
  })
}

async function registerCrashing(major: OdooMajor) {
  const program = join(pulse.stateDir, 'stand-in', 'crash.sh')
  await writeFile(program, 'echo "reading the library"\necho "the library is broken"\nexit 1\n')
  await writeRuntime(pulse.stateDir, {
    major,
    version: `${major}.0`,
    command: ['/bin/sh', program],
    standIn: true,
  })
}

/** How often the pool's worker was begun again, and what it is told to wait. */
async function crashesOf(namespace: string): Promise<{ restarts: number; waits: string }> {
  const { items } = await objects.list({ apiVersion: 'v1', kind: 'Pod', namespace })
  const text = JSON.stringify(items.map(({ status }) => status))
  const restarts = [...text.matchAll(/"restartCount":(\d+)/g)].map(([, count]) => Number(count))
  return {
    restarts: Math.max(0, ...restarts),
    waits: /back-off (\d+)s/.exec(text)?.[1] ?? '',
  }
}

test('without a runtime of its major a tenant says which command brings one; others are served', async () => {
  await create('modern')
  await create('old', { odooVersion: '17' })
  const condition = await untilCondition(objects, environmentRef('old'), {
    type: 'WorkersReady',
    status: 'False',
    reason: 'RuntimeMissing',
  })
  expect(condition.message).toContain('pulse runtime add 17 --path DIR')
  await untilReady(objects, 'modern')
  expect(await logIn(pulse, objects, 'modern')).toMatch(/^\d+$/)
})

test('a runtime that crashes at start is told with its last words, tried with growing pauses, and heals when it is mended', async () => {
  await registerStandIn('18')
  await registerCrashing('17')
  const crashing = { type: 'WorkersReady', status: 'False', reason: 'CrashLoopBackOff' } as const
  const condition = await untilCondition(objects, environmentRef('old'), crashing)
  expect(condition.message).toContain('the library is broken')

  await expect.poll(() => crashesOf('plana-odoo'), patience).toMatchObject({ waits: '10' })
  await expect.poll(() => crashesOf('plana-odoo'), patience).toMatchObject({ waits: '20' })
  // The condition has not flapped in between, and nobody else has noticed.
  expect(await conditionOf(objects, environmentRef('old'), 'WorkersReady')).toMatchObject(crashing)
  await untilReady(objects, 'modern')
  expect(await logIn(pulse, objects, 'modern')).toMatch(/^\d+$/)
  await create('another')
  await untilReady(objects, 'another')

  await registerStandIn('17')
  await untilReady(objects, 'old')
  expect(await logIn(pulse, objects, 'old')).toMatch(/^\d+$/)
})
