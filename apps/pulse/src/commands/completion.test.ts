import { expect, test } from 'vitest'
import { createTestCommand } from './pulse-command.suite.ts'

/** What the shell is offered for these words, of which the last is unfinished. */
async function offered(
  { pulse, written }: Pick<ReturnType<typeof createTestCommand>, 'pulse' | 'written'>,
  ...words: readonly string[]
) {
  written.out = ''
  await pulse('complete-words', '--', ...words)
  return written.out.split('\n').filter((line) => line !== '')
}

async function withObjects() {
  const command = createTestCommand()
  const write = { fieldManager: 'test' }
  const spec = { projectId: 1, ownerEmail: 'a@b.example', ownerName: 'A' }
  for (const name of ['acme', 'globex']) {
    const apiVersion = 'planapulse.com/v1alpha1'
    await command.store.create(
      { apiVersion, kind: 'PLANAClient', metadata: { name }, spec: { ...spec, subdomain: name } },
      write,
    )
  }
  const team = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } }
  await command.store.create(team, write)
  await command.store.create(
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'keys', namespace: 'default' },
      data: { password: 'aHVzaA==' },
    },
    write,
  )
  return command
}

test('commands are completed, hidden ones are not offered', async () => {
  const command = createTestCommand()
  expect(await offered(command, 'de')).toEqual(['delete', 'describe'])
  expect(await offered(command, '')).not.toContain('task-runner')
})

test('types follow get, flags follow a dash', async () => {
  const command = createTestCommand()
  expect(await offered(command, 'get', 'plana')).toEqual(['planaclients'])
  expect(await offered(command, 'get', '--al')).toEqual(['--all-namespaces'])
  expect(await offered(command, 'get', '--sta')).toEqual(['--state'])
  expect(await offered(command, 'logs', '--si')).toEqual([])
})

test.each([
  ['get pc ', ['acme', 'globex']],
  ['describe planaclient a', ['acme']],
  ['delete planaclients acme ', ['globex']],
  ['wait --timeout 1m PLANAClient ', ['acme', 'globex']],
  ['get pc/', ['pc/acme', 'pc/globex']],
  ['--state /srv open ', ['acme', 'globex']],
  ['logs ', ['acme', 'globex']],
  ['wake ', ['acme', 'globex']],
  ['sleep g', ['globex']],
  ['suspend ', ['acme', 'globex']],
  ['resume a', ['acme']],
  ['get secrets ', ['keys']],
  ['get secrets -n other ', []],
  ['get secrets -n te', ['team']],
  ['get nonsense ', []],
  ['wait pc acme --timeout ', []],
])('after "%s" the names of objects are offered', async (line, names) => {
  expect(await offered(await withObjects(), ...line.split(' '))).toEqual(names)
})

test('without a server no name is offered and nothing is said', async () => {
  const { pulse, written } = createTestCommand({ connect: () => Promise.reject(new Error('no')) })
  expect(await offered({ pulse, written }, 'get', 'pc', '')).toEqual([])
  expect(written.err).toBe('')
})

test('a server that never answers costs a second at most', { timeout: 3000 }, async () => {
  const silent = createTestCommand({
    connect: async () => ({
      ...silent.cluster,
      list: ({ signal }) =>
        new Promise((_, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason))
        }),
    }),
  })
  expect(await offered(silent, 'get', 'pc', '')).toEqual([])
})
