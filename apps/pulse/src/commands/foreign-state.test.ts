import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { chmod } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { createClientKinds } from '@pulse/api'
import { listRuntimes } from '@pulse/odoo'
import { expect, onTestFinished, test } from 'vitest'
import { statePaths } from '../installation/state-directory.ts'
import { writeRunning } from '../server/running.ts'
import { connectTo } from './connect.ts'
import { createTestCommand } from './pulse-command.suite.ts'

const nobody = 65_534

/** A state directory of an installation that runs, which this user may not enter. */
async function foreignState(): Promise<string> {
  const stateDir = mkdtempSync(join(tmpdir(), 'pulse-foreign-'))
  mkdirSync(statePaths(stateDir).runtimes)
  await writeRunning(stateDir, {
    ...{ pid: process.pid, version: '0.0.0', startedAt: '2026-01-01T00:00:00Z' },
    ...{ gateway: 'http://localhost:8080', api: 'https://127.0.0.1:6443' },
    postgres: { source: 'system', major: 16 },
  })
  // Loaded while everything can be read.
  await listRuntimes(stateDir)
  const isRoot = process.getuid?.() === 0
  await chmod(stateDir, isRoot ? 0o700 : 0)
  if (isRoot) process.seteuid?.(nobody)
  onTestFinished(async () => {
    if (isRoot) process.seteuid?.(0)
    await chmod(stateDir, 0o700)
    rmSync(stateDir, { recursive: true })
  })
  return stateDir
}

const registry = createClientKinds()

test.each(['status', 'get planaclients', 'down', 'kubeconfig', 'runtime list'])(
  'in a state directory of somebody else `pulse %s` says that, and whose it is',
  async (words) => {
    const { username } = userInfo()
    const stateDir = await foreignState()
    const { pulse } = createTestCommand({ connect: (config) => connectTo(config, registry) })
    await expect(pulse(...words.split(' '), '--state', stateDir)).rejects.toMatchObject({
      message: `you may not read ${stateDir}: it belongs to ${username}; run this as the user who runs Pulse`,
      exitCode: 1,
    })
  },
)
