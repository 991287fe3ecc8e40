import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { exitCodes } from '../exit.ts'
import { createTestCommand } from './pulse-command.suite.ts'

const write = { fieldManager: 'test' }

async function withMaps(...names: readonly string[]) {
  const command = createTestCommand()
  for (const name of names) {
    const metadata = { name, namespace: 'default' }
    await command.store.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata }, write)
  }
  return command
}

const missing = { message: 'configmaps "missing" not found', exitCode: exitCodes.failed }

test('get shows those that are there and tells those that are not', async () => {
  const { pulse, written } = await withMaps('a', 'b')
  await expect(pulse('get', 'cm', 'a', 'missing', 'b', '-o', 'json')).rejects.toMatchObject(missing)
  expect(JSON.parse(written.out)).toMatchObject({
    kind: 'List',
    items: [{ metadata: { name: 'a' } }, { metadata: { name: 'b' } }],
  })
})

test('get of nothing but what is missing prints nothing', async () => {
  const { pulse, written } = await withMaps()
  await expect(pulse('get', 'cm', 'missing', '-o', 'json')).rejects.toMatchObject(missing)
  expect(written.out).toBe('')
})

test('delete goes on after one that is missing', async () => {
  const { pulse, written, store } = await withMaps('a', 'b')
  const names = ['cm', 'a', 'missing', 'b']
  await expect(pulse('delete', ...names, '-o', 'json')).rejects.toMatchObject({
    message: expect.stringContaining('"missing" not found'),
    exitCode: exitCodes.failed,
  })
  expect(JSON.parse(written.out)).toMatchObject([{ name: 'a' }, { name: 'b' }])
  expect((await store.list({ apiVersion: 'v1', kind: 'ConfigMap' })).items).toEqual([])
})

test('where no namespace was named, an empty answer says which was looked at', async () => {
  const { pulse, written } = await withMaps()
  await pulse('get', 'pods')
  await pulse('get', 'pods', '-n', 'other')
  await pulse('get', 'planaclients')
  expect(written.err.split('\n')).toEqual([
    'No resources found in default namespace; -A shows all.',
    'No resources found in other namespace.',
    'No resources found.',
    '',
  ])
})

test('what is not there is not waited for', async () => {
  const { pulse } = await withMaps()
  await expect(pulse('wait', 'cm', 'missing')).rejects.toMatchObject(missing)
  await pulse('wait', 'cm', 'missing', '--for=delete')
})

test('whoever waited for a condition that is none is told which there are', async () => {
  const { pulse, store } = await withMaps()
  const metadata = { name: 'acme' }
  const node = { apiVersion: 'v1', kind: 'Node', metadata }
  await store.create(node, write)
  const status = { conditions: [{ type: 'Ready', status: 'True' }] }
  await store.update({ ...node, status }, { ...write, subresource: 'status' })
  await expect(
    pulse('wait', 'node', 'acme', '--for=condition=Redy', '--timeout=50ms'),
  ).rejects.toMatchObject({
    message: expect.stringMatching(/no condition "Redy"; it has Ready$/),
    exitCode: exitCodes.timeout,
  })
})

test.each([
  ['create', 'acme', '--owner=a@acme.bg', '--timeout=nonsense'],
  ['delete', 'cm', 'a', '--timeout=nonsense'],
  ['wait', 'cm', 'a', '--timeout=nonsense'],
  ['wait', 'cm', 'a', '--for=nonsense'],
])('%s refuses an option before it does anything', async (...words) => {
  const { pulse, written, store } = await withMaps('a')
  await expect(pulse(...words)).rejects.toMatchObject({ exitCode: exitCodes.usage })
  expect(written).toEqual({ out: '', err: '' })
  expect((await store.list({ apiVersion: 'v1', kind: 'ConfigMap' })).items).toHaveLength(1)
  const clients = { apiVersion: 'planapulse.com/v1alpha1', kind: 'PLANAClient' }
  expect((await store.list(clients)).items).toEqual([])
})

test.each([[[]], [['--dry-run']]])(
  'apply %j of a folder without manifests says so',
  async (options) => {
    const folder = mkdtempSync(join(tmpdir(), 'pulse-apply-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    mkdirSync(join(folder, 'below'))
    writeFileSync(join(folder, 'below', 'a.yaml'), 'a: b')
    const { pulse } = createTestCommand()
    await expect(pulse('apply', '-f', folder, ...options)).rejects.toMatchObject({
      message: `no .yaml, .yml or .json files in ${folder} (subfolders are not read)`,
      exitCode: exitCodes.usage,
    })
  },
)

test.each([
  ['nope', /^pulse task nope: unknown task: there are claim, /],
  ['purge', /^pulse task purge: unknown argument --nonsense/],
])('task %s is refused in one sentence', async (name, message) => {
  const { pulse, written } = createTestCommand()
  await expect(pulse('task', name, '--nonsense')).rejects.toMatchObject({
    message: expect.stringMatching(message),
    exitCode: exitCodes.usage,
  })
  expect(written).toEqual({ out: '', err: '' })
})

test('help on what is no command says so', async () => {
  const { pulse, written } = createTestCommand()
  await expect(pulse('help', 'nope')).rejects.toMatchObject({ exitCode: exitCodes.failed })
  expect(written.err).toMatch(/^error: unknown command 'nope'\n/)
  expect(written.err).not.toContain('Usage:')
})

test('where the command has another name than the examples say, every help tells it', async () => {
  const installed = createTestCommand()
  await expect(installed.pulse('get', '--help')).rejects.toMatchObject({ exitCode: 0 })
  expect(installed.written.out).not.toContain('npm')
  const { pulse, written } = createTestCommand({ hint: (words) => `npm run -s pulse -- ${words}` })
  for (const words of [['--help'], ['get', '--help']]) {
    written.out = ''
    await expect(pulse(...words)).rejects.toMatchObject({ exitCode: 0 })
    expect(written.out).toMatch(/\nIn a checkout, `pulse` is `npm run -s pulse --`\.\n$/)
  }
  await expect(pulse('get')).rejects.toBeInstanceOf(Error)
  expect(written.err).toContain('(npm run -s pulse -- --help shows what there is)')
})
