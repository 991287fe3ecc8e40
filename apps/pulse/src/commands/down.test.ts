import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { exitCodes } from '../exit.ts'
import { isLocked, takeLock } from '../installation/lock.ts'
import { statePaths } from '../installation/state-directory.ts'
import { isAlive, type Running, writeRunning } from '../server/running.ts'
import { findServer, untilGone } from './down.ts'
import { createTestCommand } from './pulse-command.suite.ts'

const running: Running = {
  pid: process.pid,
  version: '0.0.0',
  startedAt: '2026-01-01T00:00:00Z',
  gateway: 'http://localhost:8080',
  api: 'https://127.0.0.1:6443',
  postgres: { source: 'system', major: 17 },
}

async function lockedState() {
  const stateDir = mkdtempSync(join(tmpdir(), 'pulse-down-'))
  onTestFinished(() => rmSync(stateDir, { recursive: true }))
  const release = await takeLock(statePaths(stateDir).lock)
  onTestFinished(release)
  return { stateDir, release }
}

test('a Pulse that is starting is waited for until it can be told to stop', async () => {
  const { stateDir } = await lockedState()
  const waited: string[] = []
  const found = await findServer(stateDir, {
    waitSeconds: 60,
    onWait() {
      waited.push('once')
      if (waited.length === 1) void writeRunning(stateDir, running)
    },
  })
  expect(found).toEqual(running)
  expect(waited).not.toEqual([])
})

test('a Pulse that gave up meanwhile is none', async () => {
  const { stateDir, release } = await lockedState()
  expect(await findServer(stateDir, { waitSeconds: 60, onWait: release })).toBeUndefined()
})

test('a start that never ends is told with what to do', async () => {
  const { stateDir } = await lockedState()
  await expect(findServer(stateDir, { waitSeconds: 0, onWait() {} })).rejects.toThrow(/Ctrl-C/)
})

test('where Pulse never ran, that is said at once and nothing is left behind', async () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'pulse-down-'))
  onTestFinished(() => rmSync(stateDir, { recursive: true }))
  for (const folder of [stateDir, join(stateDir, 'missing')]) {
    await expect(createTestCommand().pulse('down', '--state', folder)).rejects.toMatchObject({
      message: expect.stringContaining(`Pulse is not running on ${folder}`),
      exitCode: exitCodes.notRunning,
    })
  }
  expect(existsSync(join(stateDir, 'missing'))).toBe(false)
  expect(readdirSync(stateDir)).toEqual([])
})

test('where Pulse has stopped with all that it ran, that is said at once and nothing is started', async () => {
  const { stateDir, release } = await lockedState()
  release()
  await expect.poll(() => isLocked(statePaths(stateDir).lock)).toBe(false)
  const { pulse, written } = createTestCommand()
  await expect(pulse('down', '--state', stateDir)).rejects.toMatchObject({
    message: expect.stringContaining(`Pulse is not running on ${stateDir}`),
    exitCode: exitCodes.notRunning,
  })
  expect(written.err).toBe('')
  expect(readdirSync(stateDir)).toEqual(['pulse.lock'])
})

test('a Pulse that stopped by itself while it was waited for has stopped', async () => {
  const { stateDir, release } = await lockedState()
  const { pulse, written } = createTestCommand()
  const down = pulse('down', '--state', stateDir)
  await expect.poll(() => written.err).toContain('waiting')
  release()
  await down
  expect(written.err).toContain('stopped')
})

test('Ctrl-C ends the waiting for a Pulse that is starting', async () => {
  const { stateDir } = await lockedState()
  const { pulse, interrupt } = createTestCommand()
  const down = pulse('down', '--state', stateDir)
  interrupt()
  await expect(down).rejects.toMatchObject({ name: 'AbortError' })
})

test('a process is waited for until it is gone, and no longer than it may take', async () => {
  const process = spawn('sleep', ['60'])
  await once(process, 'spawn')
  const pid = process.pid ?? 0
  const never = new AbortController().signal
  await expect(untilGone(pid, 0, never)).rejects.toThrow('still there')
  process.kill('SIGKILL')
  await untilGone(pid, 60, never)
  expect(isAlive(pid)).toBe(false)
})
