import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { failureOf } from '../failure.ts'
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

test('a runtime that serves tenants is forgotten by force only', async () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'pulse-runtime-'))
  onTestFinished(() => rmSync(stateDir, { recursive: true }))
  const { runtimes } = statePaths(stateDir)
  mkdirSync(runtimes)
  for (const major of ['17', '18']) {
    const runtime = { major, version: `${major}.0`, command: ['odoo'], standIn: false }
    writeFileSync(join(runtimes, `${major}.json`), JSON.stringify(runtime))
  }
  const { pulse, store, written } = createTestCommand()
  const kind = { apiVersion: 'planapulse.com/v1alpha1', kind: 'TenantEnvironment' }
  for (const client of ['acme', 'beta']) {
    const owner = { ownerEmail: 'owner@example.com', ownerName: client }
    const spec = { subdomain: client, projectId: 1, ...owner }
    await store.create(
      { ...kind, kind: 'PLANAClient', metadata: { name: client }, spec },
      { fieldManager: 'test' },
    )
    await store.create(
      {
        ...kind,
        metadata: { name: `${client}-prod` },
        spec: { client, name: 'prod', odooVersion: '18', hosting: 'pool' },
      },
      { fieldManager: 'test' },
    )
  }
  const remove = (...words: readonly string[]) =>
    pulse('runtime', 'remove', ...words, '--state', stateDir)
  await expect(remove('18')).rejects.toThrow(
    'Odoo 18 serves 2 environments (acme-prod, beta-prod), which cannot start without it: --force',
  )
  expect(written.err).toBe('')
  await remove('17')
  await remove('18', '--force')
  expect(written.err).toContain('Odoo 18 is forgotten')
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

test('a folder that is no git repository is not cloned, and the command that takes it is told', async () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'pulse-runtime-'))
  onTestFinished(() => rmSync(stateDir, { recursive: true }))
  const from = join(stateDir, 'odoo')
  mkdirSync(from)
  const { pulse } = createTestCommand()
  await expect(
    pulse('runtime', 'install', '18', '--from', from, '--state', stateDir),
  ).rejects.toThrow(
    `${from} is a folder but no git repository: pulse runtime add 18 --path ${from} takes it as it is`,
  )
})

test.skipIf(!hasPython())(
  'what an Odoo that cannot be imported says is told once (needs python3)',
  async () => {
    const stateDir = mkdtempSync(join(tmpdir(), 'pulse-runtime-'))
    onTestFinished(() => rmSync(stateDir, { recursive: true }))
    const path = join(stateDir, 'odoo18')
    mkdirSync(join(path, 'odoo'), { recursive: true })
    writeFileSync(join(path, 'odoo/release.py'), "version_info = (18, 0, 0, 'final', 0, '')\n")
    writeFileSync(join(path, 'odoo/__init__.py'), 'raise ValueError("surely broken")\n')
    const { pulse } = createTestCommand()
    const added = pulse('runtime', 'add', '18', '--path', path, '--state', stateDir)
    const { text } = failureOf(await added.catch((error: unknown) => error))
    expect(text.split('surely broken")')).toHaveLength(2)
    expect(text).not.toContain('Command failed')
  },
)

function hasPython(): boolean {
  return spawnSync('python3', ['--version']).status === 0
}
