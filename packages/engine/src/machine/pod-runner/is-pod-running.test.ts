import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { isPodRunning } from './is-pod-running.ts'
import { type PodJournal, type Run, writeJournal } from './journal.ts'
import { bootId, type ProcessIdentity, statOf } from './process-table.ts'

function emptyState() {
  const stateDir = mkdtempSync(join(tmpdir(), 'pulse-pods-'))
  onTestFinished(() => rmSync(stateDir, { recursive: true }))
  return stateDir
}

function journal(stateDir: string, run: Partial<Run> | undefined, boot = bootId()) {
  const folder = join(stateDir, 'pods', 'one')
  mkdirSync(folder, { recursive: true })
  const startedAt = '2026-01-01T00:00:00Z'
  const rest = { cgroups: [], isForked: false, user: undefined, process: undefined }
  const whole = { token: 'no-token', type: 'process', ...rest } as const
  const written: PodJournal = {
    ...{ uid: 'one', namespace: 'a', name: 'one', address: '127.0.0.9', secretFolder: '' },
    ...{ bootId: boot, graceSeconds: 1 },
    containers: {
      main: {
        ...{ restarts: 0, ended: undefined, endedBefore: undefined },
        run: run && { ...whole, bootId: boot, startedAt, ...run },
      },
    },
  }
  writeJournal(folder, written)
}

async function sleeper() {
  const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child, 'spawn')
  const stat = statOf(child.pid ?? 0)
  if (!stat) throw new Error('not started')
  const process: ProcessIdentity = { pid: stat.pid, startTicks: stat.startTicks }
  return { child, process }
}

test('a pod runs as long as its process lives', async () => {
  const stateDir = emptyState()
  const { child, process } = await sleeper()
  journal(stateDir, { process })
  expect(isPodRunning(stateDir)).toBe(true)
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
  expect(isPodRunning(stateDir)).toBe(false)
})

test('what ran before the machine started, ended, or has its number from another does not run', async () => {
  const stateDir = emptyState()
  const { process } = await sleeper()
  journal(stateDir, { process }, 'an older start')
  expect(isPodRunning(stateDir)).toBe(false)
  journal(stateDir, undefined)
  expect(isPodRunning(stateDir)).toBe(false)
  journal(stateDir, { process: { ...process, startTicks: process.startTicks - 1 } })
  expect(isPodRunning(stateDir)).toBe(false)
})

test('looking changes nothing', () => {
  const stateDir = emptyState()
  expect(isPodRunning(stateDir)).toBe(false)
  expect(readdirSync(stateDir)).toEqual([])
  mkdirSync(join(stateDir, 'pods', 'half'), { recursive: true })
  expect(isPodRunning(stateDir)).toBe(false)
  expect(readdirSync(join(stateDir, 'pods'))).toEqual(['half'])
})
