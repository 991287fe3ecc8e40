import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { openMachine } from '../installation/machine.ts'
import { openStateDirectory } from '../installation/state-directory.ts'
import { processesOf } from './processes-of-state.suite.ts'
import { type PulseUnderTest, pulseOfTest } from './pulse-under-test.suite.ts'
import { ask, logIn, tenant, untilReady } from './tenants-under-test.suite.ts'

const patience = { timeout: 30_000, interval: 50 }

/** Takes a port as another program would; 0 for any. */
async function takePort(port: number, host: string): Promise<number> {
  const server = createServer().listen(port, host)
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const address = server.address()
  return typeof address === 'object' && address ? address.port : port
}

async function nothingRuns({ stateDir }: Pick<PulseUnderTest, 'stateDir'>) {
  await expect.poll(() => processesOf(stateDir), patience).toEqual([])
}

test('a second Pulse on one state directory is refused with who runs there; the first goes on', async () => {
  const first = await pulseOfTest()
  const objects = await first.objects()
  await objects.create(tenant('kept'), { fieldManager: 'test' })
  await untilReady(objects, 'kept')
  const second = await pulseOfTest({ stateDir: first.stateDir, wait: false })
  // Its clean-up must not end the first.
  expect(await second.exited).toBe(1)
  expect(second.stderr()).toContain(`Pulse is running on ${first.stateDir} already`)
  expect(second.stderr()).toContain(`process ${first.pid}`)
  expect((await first.running())?.pid).toBe(first.pid)
  expect(await logIn(first, objects, 'kept')).toMatch(/^\d+$/)

  // Killed, and started on a port that is taken by now: the start fails, and what it found running goes on.
  await first.kill('SIGKILL')
  const port = await takePort(0, '127.0.0.1')
  const before = (await processesOf(first.stateDir)).map(({ pid }) => pid)
  const third = await pulseOfTest({
    stateDir: first.stateDir,
    wait: false,
    env: { PLANA_HTTP_PORT: String(port) },
  })
  expect(await third.exited).toBe(1)
  expect(third.stderr()).toContain(`port ${port} is taken`)
  const after = (await processesOf(first.stateDir)).filter(({ command }) =>
    command.includes('--http-port'),
  )
  expect(after.length).toBeGreaterThan(0)
  expect(before).toEqual(expect.arrayContaining(after.map(({ pid }) => pid)))

  const fourth = await pulseOfTest({ stateDir: first.stateDir })
  expect((await ask(fourth, 'kept.localhost', { path: '/web/health' })).status).toBe(200)
})

test('a port that was asked for and is taken ends the start, and nothing is left running', async () => {
  const port = await takePort(0, '127.0.0.1')
  const pulse = await pulseOfTest({ wait: false, env: { PLANA_HTTP_PORT: String(port) } })
  expect(await pulse.exited).toBe(1)
  expect(pulse.stderr()).toContain(`the gateway port ${port} is taken`)
  await nothingRuns(pulse)
})

test('what a killed Pulse has left is stopped by pulse down, also when its number is a stranger by now', async () => {
  const pulse = await pulseOfTest()
  const note = await readFile(join(pulse.stateDir, 'running.json'), 'utf8')
  await pulse.kill('SIGKILL')
  const stranger = spawn('sleep', ['1000'])
  onTestFinished(() => void stranger.kill('SIGKILL'))
  await writeFile(
    join(pulse.stateDir, 'running.json'),
    note.replace(String(pulse.pid), String(stranger.pid)),
  )
  expect((await pulse.pulse('down')).exitCode).toBe(0)
  await nothingRuns(pulse)
  expect(stranger.signalCode).toBeNull()
})

test('a usual port that is taken is passed over, and people are told', async () => {
  // Whoever else listens there serves as well.
  await takePort(8080, '127.0.0.1').catch(() => undefined)
  const stateDir = await mkdtemp(join(tmpdir(), 'pulse-e2e-'))
  await chmod(stateDir, 0o711)
  const pulse = await pulseOfTest({ stateDir })
  expect(await pulse.httpPort()).toBeGreaterThan(8080)
  const notice = `port 8080 is taken: the gateway listens on ${await pulse.httpPort()}`
  await expect.poll(pulse.stderr, patience).toContain(notice)
})

test('a taken port of PostgreSQL ends the start with its address, and nothing is left running', async () => {
  const stateDir = await mkdtemp(join(tmpdir(), 'pulse-e2e-'))
  await chmod(stateDir, 0o711)
  onTestFinished(() => rm(stateDir, { recursive: true, force: true }))
  const { postgresAddress, record } = await openMachine(await openStateDirectory(stateDir))
  await takePort(record.postgresPort, postgresAddress)
  const pulse = await pulseOfTest({ stateDir, wait: false })
  expect(await pulse.exited).toBe(1)
  expect(pulse.stderr()).toContain(
    `another server listens on ${postgresAddress}:${record.postgresPort}`,
  )
  await nothingRuns(pulse)
})

/** How the process ended; one that lives on is told as such, long before the limit of the test. */
async function endsSoon({ exited }: Pick<PulseUnderTest, 'exited'>): Promise<number | string> {
  return await Promise.race([exited, delay(60_000, 'still alive', { ref: false })])
}

test('a start that fails at its last step ends the process: certificates that are not there', async () => {
  const pulse = await pulseOfTest({ wait: false, env: { PLANA_TLS_DIR: '/nope' } })
  expect(await endsSoon(pulse)).toBe(2)
  expect(pulse.stderr()).toContain('PLANA_TLS_DIR: ENOENT')
  await nothingRuns(pulse)
})

test('a start that fails at its last step ends the process: a port that was taken meanwhile', async () => {
  const pulse = await pulseOfTest({ wait: false })
  const metricsPort = async (): Promise<number> => {
    const text = await readFile(join(pulse.stateDir, 'machine.json'), 'utf8').catch(() => '{}')
    return JSON.parse(text).metricsPort
  }
  await expect.poll(metricsPort, { timeout: 60_000, interval: 5 }).toBeGreaterThan(0)
  const port = await takePort(await metricsPort(), '127.0.0.1')
  expect(await endsSoon(pulse)).toBe(1)
  expect(pulse.stderr()).toContain(`the metrics port ${port} is taken`)
  await nothingRuns(pulse)
})

test('a damaged configuration of PostgreSQL ends the start with what PostgreSQL says of it', async () => {
  const first = await pulseOfTest()
  expect(await first.stop()).toBe(0)
  await appendFile(join(first.stateDir, 'postgres/data/postgresql.conf'), 'work_mem = lots\n')
  const pulse = await pulseOfTest({ stateDir: first.stateDir, wait: false })
  expect(await pulse.exited).toBe(1)
  expect(pulse.stderr()).toContain('PostgreSQL did not start')
  expect(pulse.stderr()).toContain('work_mem')
  await nothingRuns(pulse)
})

test('a PostgreSQL elsewhere that does not answer as one ends the start with its address', async () => {
  const port = await takePort(0, '127.0.0.1')
  const pulse = await pulseOfTest({
    wait: false,
    env: { PLANA_DATABASE_URL: `postgres://admin:secret@127.0.0.1:${port}/postgres` },
  })
  expect(await pulse.exited).toBe(1)
  expect(pulse.stderr()).toContain(`cannot open PostgreSQL at 127.0.0.1:${port} as admin`)
  expect(pulse.stderr()).not.toContain('secret')
  await nothingRuns(pulse)
})
