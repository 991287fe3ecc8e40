import { mkdtempSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { takeLockWithin } from '../installation/lock.ts'
import { statePaths } from '../installation/state-directory.ts'
import { writeRunning } from '../server/running.ts'
import { createTestCommand } from './pulse-command.suite.ts'
import { machineOf, runningOf } from './status.suite.ts'

function stateDirectory(): string {
  const root = mkdtempSync(join(tmpdir(), 'pulse-status-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  return root
}

test('json has what runs, what waits and the disk, under names that scripts may rely on', async () => {
  const state = stateDirectory()
  await writeRunning(state, runningOf(process.pid))
  const { pulse, written } = createTestCommand({ machine: async () => machineOf() })
  await pulse('status', '-o', 'json', '--state', state)
  expect(JSON.parse(written.out)).toMatchObject({
    ...{ isRunning: true, version: '0.1.0', gateway: 'http://localhost:8080' },
    ...{ clients: 3, readyClients: 2, environments: 3, asleepEnvironments: 1 },
    postgres: { source: 'system', major: 16, serverVersion: '16.4', databases: 9 },
    waiting: [{ condition: 'DatabaseReady', reason: 'TemplateBuilding', count: 5 }],
    disk: { path: state },
  })
})

test('one that runs and does not answer is told with exit code 1', async () => {
  const state = stateDirectory()
  await writeRunning(state, runningOf(process.pid))
  const { pulse } = createTestCommand()
  await expect(pulse('status', '--state', state)).rejects.toMatchObject({
    exitCode: 1,
    message: expect.stringContaining('did not answer'),
  })
})

test('after Pulse was killed what is left is shown, and the exit code says that it does not run', async () => {
  const state = stateDirectory()
  // Of a process that nobody can have.
  await writeRunning(state, runningOf(2 ** 31 - 2))
  // The file of the lock stays; nobody holds it.
  await writeFile(statePaths(state).lock, '')
  const { pulse, written } = createTestCommand()
  await expect(pulse('status', '--state', state)).rejects.toMatchObject({ exitCode: 4 })
  expect(written.out).toMatch(/^Pulse +does not run$/m)
  expect(written.out).toMatch(
    /^Last +process 2147483646, since 2026-01-01T00:00:00Z: it did not end by$/m,
  )
  expect(written.out).toMatch(/^PostgreSQL +does not run$/m)
})

test('one that starts or stops is not called stopped', async () => {
  const state = stateDirectory()
  const release = await takeLockWithin(statePaths(state).lock, 1)
  onTestFinished(() => release())
  const { pulse } = createTestCommand()
  await expect(pulse('status', '--state', state)).rejects.toMatchObject({
    exitCode: 4,
    message: expect.stringContaining('is starting or stopping'),
  })
})
