import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { recordOf } from '@pulse/api'
import type { ObjectsClient } from '@pulse/engine'
import { expect, onTestFinished, test } from 'vitest'
import {
  identityOf,
  makeOrdinaryUser,
  type OrdinaryUser,
  ordinaryUserMissing,
  removeHome,
} from './ordinary-user.suite.ts'
import { pulseOfTest } from './pulse-under-test.suite.ts'
import { createTenant, visit, workersIn } from './tenant.suite.ts'
import { logIn, tenant, untilReady, untilTemplatesReady } from './tenants-under-test.suite.ts'

const run = promisify(execFile)
const patience = { timeout: 60_000, interval: 200 }
const asInstance = ['--tier', 'pro', '--hosting', 'instance'] as const

/** Changes the soft limit of a process that runs, as its user may. */
async function limit(pid: number, option: string, user?: OrdinaryUser) {
  await run('prlimit', [`--pid=${pid}`, `${option}:`], { ...identityOf(user), cwd: '/' })
}

test('more clients than there can be open files: some are not let in, and all the rest goes on', async () => {
  // 384 of them are for Pulse itself, and a client may need two.
  const pulse = await pulseOfTest({ openFiles: 640 })
  const objects = await pulse.objects()
  await untilTemplatesReady(objects)
  await createTenant(pulse, 'acme', ...asInstance)
  expect(pulse.stderr()).toContain('leaves room for fewer clients')

  const crowd = await openCrowd(await pulse.httpPort(), 300)
  onTestFinished(() => crowd.close())
  await expect.poll(() => crowd.open(), patience).toBeLessThanOrEqual(128)
  expect(crowd.open()).toBeGreaterThan(100)
  await createTenant(pulse, 'second', ...asInstance)
  expect(await pulse.pulse('status')).toMatchObject({ exitCode: 0 })

  crowd.close()
  for (const name of ['acme', 'second']) {
    const visitor = await visit(pulse, `${name}.localhost`)
    await expect.poll(() => statusOf(visitor.get('/web/login')), patience).toBe(200)
  }
})

interface Crowd {
  /** How many have been let in. */
  open(): number
  close(): void
}

/** Connections that ask for nothing. */
async function openCrowd(port: number, count: number): Promise<Crowd> {
  const sockets = new Set<Socket>()
  for (let index = 0; index < count; index += 1) {
    const socket = connect(port, '127.0.0.1')
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
  }
  return {
    open: () => sockets.size,
    close() {
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** 0: no answer. */
async function statusOf(answer: Promise<{ readonly status: number }>): Promise<number> {
  return await answer.then(
    ({ status }) => status,
    () => 0,
  )
}

test('without a single file left to open nobody is lost, and what has been asked for comes when there are some again', async () => {
  const pulse = await pulseOfTest()
  const objects = await pulse.objects()
  await untilTemplatesReady(objects)
  await createTenant(pulse, 'acme', ...asInstance)
  const [worker] = await workersIn(pulse, 'instance-acme')
  const visitor = await visit(pulse, 'acme.localhost')
  expect(await statusOf(visitor.get('/web/login'))).toBe(200)

  await objects.create(tenant('late', { hosting: 'instance' }), { fieldManager: 'test' })
  const open = (await readdir(`/proc/${pulse.pid}/fd`)).length
  await limit(pulse.pid, `--nofile=${open}`)
  // Several looks at each process, and several passes of each controller.
  await delay(8_000)
  await limit(pulse.pid, '--nofile=4096')

  await untilReady(objects, 'late')
  expect(await logIn(pulse, objects, 'late')).toMatch(/^\d+$/)
  await expect.poll(() => statusOf(visitor.get('/web/login')), patience).toBe(200)
  expect(await workersIn(pulse, 'instance-acme')).toEqual([worker])
  expect(await pulse.running()).toMatchObject({ pid: pulse.pid })
})

test.skipIf(ordinaryUserMissing !== undefined)(
  `where no further process can be started this is told, and who waits is started when one can (${ordinaryUserMissing ?? 'as another user'})`,
  async () => {
    const user = await makeOrdinaryUser()
    onTestFinished(() => removeHome(user))
    const pulse = await pulseOfTest({ user, env: { PLANA_FORKED_WORKERS: 'off' } })
    const objects = await pulse.objects()
    await untilTemplatesReady(objects)
    // That many has its user long since: who runs stays, and nobody comes.
    await limit(pulse.pid, '--nproc=1', user)
    await objects.create(tenant('late', { hosting: 'instance' }), { fieldManager: 'test' })
    await expect
      .poll(() => waitingIn(objects, 'instance-late'), patience)
      .toContainEqual({
        reason: 'CreateContainerError',
        message: expect.stringContaining('a limit of processes is reached'),
      })
    await limit(pulse.pid, '--nproc=8192', user)
    await untilReady(objects, 'late')
    expect(await logIn(pulse, objects, 'late')).toMatch(/^\d+$/)
  },
)

async function waitingIn(objects: ObjectsClient, namespace: string): Promise<readonly unknown[]> {
  const { items } = await objects.list({ apiVersion: 'v1', kind: 'Pod', namespace })
  return items.flatMap(({ status }) =>
    [recordOf(status).containerStatuses]
      .flat()
      .map((each) => recordOf(recordOf(each).state).waiting),
  )
}
