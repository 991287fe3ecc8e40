import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openHistoryFiles } from './history-files.ts'

const signal = new AbortController().signal

async function folder() {
  const path = await mkdtemp(join(tmpdir(), 'histories-'))
  onTestFinished(() => rm(path, { recursive: true }))
  return path
}

test('a history is read again as it was written', async () => {
  const path = await folder()
  const store = await openHistoryFiles(path, () => true)
  expect(await store.load('acme-prod', signal)).toBeUndefined()
  await store.save('acme-prod', '{"v":1}', signal)
  const again = await openHistoryFiles(path, () => true)
  expect(await again.load('acme-prod', signal)).toBe('{"v":1}')
})

test('a history that is removed is gone, and there need be none', async () => {
  const path = await folder()
  const store = await openHistoryFiles(path, () => true)
  await store.save('acme-prod', '{"v":1}', signal)
  await store.remove('acme-prod', signal)
  await store.remove('beta-prod', signal)
  expect(await readdir(path)).toEqual([])
})

test('nothing stays of an environment that is gone, nor of a write that was broken off', async () => {
  const path = await folder()
  for (const file of ['acme-prod.json', 'gone-prod.json', 'acme-prod.json.12.ab']) {
    await writeFile(join(path, file), '{}')
  }
  await openHistoryFiles(path, (environment) => environment === 'acme-prod')
  expect(await readdir(path)).toEqual(['acme-prod.json'])
})

test('no name leads out of the folder', async () => {
  const store = await openHistoryFiles(await folder(), () => true)
  await expect(store.save('../acme', '', signal)).rejects.toThrow('cannot be a file')
})
