import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { takeLock } from '../installation/lock.ts'
import { statePaths } from '../installation/state-directory.ts'
import { type Running, writeRunning } from '../server/running.ts'
import { findServer } from './down.ts'

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
