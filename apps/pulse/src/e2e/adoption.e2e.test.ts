import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { recordOf, valueAt } from '@pulse/api'
import type { ObjectsClient } from '@pulse/engine'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { loadDirectly, type Worker, workerOf } from './direct-load.suite.ts'
import { type PulseUnderTest, startPulse } from './pulse-under-test.suite.ts'
import { createTenant, visit } from './tenant.suite.ts'
import { untilReady } from './tenants-under-test.suite.ts'

const name = 'adopted'
const patience = { timeout: 60_000, interval: 20 }
const lastPid = '/proc/sys/kernel/ns_last_pid'

let pulse: PulseUnderTest
let objects: ObjectsClient

beforeAll(async () => {
  pulse = await startPulse()
  await createTenant(pulse, name, '--tier', 'pro', '--hosting', 'instance')
  objects = await pulse.objects()
})
afterAll(() => pulse.cleanUp(), 120_000)

async function startAgain() {
  const { stateDir } = pulse
  pulse = await startPulse({ stateDir, args: ['--keep-tenants'] })
  objects = await pulse.objects()
}

test('killed under load, Pulse is missed by nobody: its tenants answer on, and their logs have no gap', async () => {
  const worker = await workerOf(objects, name)
  const before = pidOf(worker)
  const load = loadDirectly(worker)
  for (let kills = 0; kills < 2; kills += 1) {
    await toBeAnswered(load.answers, 20)
    await pulse.kill('SIGKILL')
    await toBeAnswered(load.answers, 20)
    await startAgain()
    const page = await (await visit(pulse, worker.host)).get('/web/login')
    expect(page.status).toBe(200)
  }
  await toBeAnswered(load.answers, 20)
  await load.stop()

  expect(load.answers.filter((answer) => answer !== 200)).toEqual([])
  expect(pidOf(await workerOf(objects, name))).toBe(before)
  const { stdout } = await pulse.pulse('logs', name)
  const told = [...stdout.matchAll(/login\?load=(\d+) /g)].map(([, number]) => Number(number))
  expect(told).toEqual(load.answers.map((_, number) => number))
})

test('how a tenant ended while Pulse was away is said to be unknown, and it is started again', async () => {
  const pid = pidOf(await workerOf(objects, name))
  await pulse.kill('SIGKILL')
  process.kill(pid, 'SIGKILL')
  await startAgain()
  await toBeStartedAgain(pid)
})

const cannotChoose = whyNoPidIsChosen()
test.skipIf(cannotChoose !== undefined)(
  `a process that has the pid of a tenant which ended meanwhile is never taken for it (${cannotChoose ?? 'tried'})`,
  async () => {
    const pid = pidOf(await workerOf(objects, name))
    await pulse.kill('SIGKILL')
    process.kill(pid, 'SIGKILL')
    await expect.poll(() => existsSync(`/proc/${pid}`), patience).toBe(false)
    const stranger = await startWithPid(pid)
    onTestFinished(() => void stranger.kill('SIGKILL'))

    await startAgain()
    const next = await toBeStartedAgain(pid)
    expect(next).not.toBe(pid)
    expect(await pulse.pulse('delete', 'planaclient', name)).toMatchObject({ exitCode: 0 })
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull()
  },
)

async function toBeAnswered(answers: readonly unknown[], more: number) {
  const goal = answers.length + more
  await expect.poll(() => answers.length, patience).toBeGreaterThan(goal)
}

/** Resolves with the pid of the next process. */
async function toBeStartedAgain(before: number): Promise<number> {
  await expect
    .poll(async () => {
      const { pod } = await workerOf(objects, name)
      const [status] = [valueAt(pod, 'status.containerStatuses')].flat()
      return recordOf(recordOf(status).lastState).terminated
    }, patience)
    .toMatchObject({ exitCode: 137, reason: 'ContainerStatusUnknown' })
  await untilReady(objects, name)
  const pid = pidOf(await workerOf(objects, name))
  expect(pid).not.toBe(before)
  return pid
}

/** As the journal of its pod has it. */
function pidOf({ pod }: Worker): number {
  const journal = join(pulse.stateDir, 'pods', pod.metadata.uid ?? '', 'pod.json')
  const { containers } = recordOf(JSON.parse(readFileSync(journal, 'utf8')))
  const [container] = Object.values(recordOf(containers))
  return Number(recordOf(recordOf(recordOf(container).run).process).pid)
}

/** The kernel gives the next free number after the last one, unless another process is quicker: then once more. */
async function startWithPid(pid: number): Promise<ChildProcess> {
  for (let attempt = 0; attempt < 500; attempt += 1) {
    writeFileSync(lastPid, String(pid - 1))
    const child = spawn('sleep', ['600'], { stdio: 'ignore' })
    if (child.pid === pid) return child
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  throw new Error(`process ${pid} could not be started`)
}

function whyNoPidIsChosen(): string | undefined {
  try {
    accessSync(lastPid, constants.W_OK)
    writeFileSync(lastPid, readFileSync(lastPid, 'utf8').trim())
    return undefined
  } catch {
    return 'needs the right to choose a pid'
  }
}
