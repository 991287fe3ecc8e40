import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { takeLock } from '../installation/lock.ts'
import { statePaths } from '../installation/state-directory.ts'
import { createTestCommand } from './pulse-command.suite.ts'

test.each([
  ['18', ['18'], 'the stand-in serves again'],
  ['18', ['17', '18'], 'its tenants cannot start now'],
  ['17', ['17'], 'its tenants cannot start now'],
])('runtime remove %s of %j says that %s', async (major, registered, then) => {
  const stateDir = mkdtempSync(join(tmpdir(), 'pulse-runtime-'))
  onTestFinished(() => rmSync(stateDir, { recursive: true }))
  const { runtimes } = statePaths(stateDir)
  mkdirSync(runtimes)
  for (const one of registered) {
    const runtime = { major: one, version: `${one}.0`, command: ['odoo'], standIn: false }
    writeFileSync(join(runtimes, `${one}.json`), JSON.stringify(runtime))
  }
  const { pulse, written } = createTestCommand()
  await pulse('runtime', 'remove', major, '--state', stateDir)
  expect(written.err).toContain(`Odoo ${major} is forgotten; ${then}`)
})

test('a major that is being registered is refused to a second who would', async () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'pulse-runtime-'))
  onTestFinished(() => rmSync(stateDir, { recursive: true }))
  const { runtimes } = statePaths(stateDir)
  mkdirSync(runtimes)
  const release = await takeLock(join(runtimes, '18.lock'))
  onTestFinished(release)
  const { pulse } = createTestCommand()
  const second = pulse('runtime', 'install', '18', '--from', '/nowhere', '--state', stateDir)
  await expect(second).rejects.toThrow('Odoo 18 is being registered already')
})
