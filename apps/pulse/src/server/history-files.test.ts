import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as breathe } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { silent } from '../silent-log.suite.ts'
import { openHistoryFiles } from './history-files.ts'

const signal = new AbortController().signal

function openAt(folder: string, isKnown: (environment: string) => boolean = () => true) {
  return openHistoryFiles({ folder, isKnown, log: silent, signal })
}

async function folder() {
  const path = await mkdtemp(join(tmpdir(), 'histories-'))
  onTestFinished(() => rm(path, { recursive: true }))
  return path
}

test('a history is read again as it was written', async () => {
  const path = await folder()
  const store = await openAt(path)
  expect(await store.load('acme-prod', signal)).toBeUndefined()
  await store.save('acme-prod', '{"v":1}', signal)
  const again = await openAt(path)
  expect(await again.load('acme-prod', signal)).toBe('{"v":1}')
})

test('a history that is removed is gone, and there need be none', async () => {
  const path = await folder()
  const store = await openAt(path)
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
  await openAt(path, (environment) => environment === 'acme-prod')
  expect(await readdir(path)).toEqual(['acme-prod.json'])
})

test('no name leads out of the folder', async () => {
  const store = await openAt(await folder())
  await expect(store.save('../acme', '', signal)).rejects.toThrow('cannot be a file')
})

test('what is read while it is written is what was written', async () => {
  const store = await openAt(await folder())
  await store.save('acme-prod', 'before', signal)
  const saving = store.save('acme-prod', 'after', signal)
  expect(await store.load('acme-prod', signal)).toBe('after')
  await saving
})

test('of what is written at the same time the last stays', async () => {
  const path = await folder()
  const store = await openAt(path)
  const texts = Array.from({ length: 30 }, (_, index) => 'x'.repeat(4_096 - 100 * index))
  await Promise.all(texts.map((text) => store.save('acme-prod', text, signal)))
  expect(await store.load('acme-prod', signal)).toBe(texts.at(-1))
  const saving = store.save('acme-prod', 'late', signal)
  await store.remove('acme-prod', signal)
  await saving
  expect(await readdir(path)).toEqual([])
})

test('what is written no more leaves what was there, and nothing half', async () => {
  const path = await folder()
  const store = await openAt(path)
  await store.save('acme-prod', 'before', signal)
  for (const turns of [0, 1, 2, 3]) {
    const given = new AbortController()
    const saving = store.save('acme-prod', 'after', given.signal)
    for (let turn = 0; turn < turns; turn += 1) await Promise.resolve()
    given.abort(new Error('given up'))
    await expect(saving).rejects.toThrow('given up')
    await vi.waitFor(async () => expect(await store.load('acme-prod', signal)).toBe('before'))
  }
  expect(await readdir(path)).toEqual(['acme-prod.json'])
})

test('a disk that does not answer holds nobody, and is asked again once it has answered', async () => {
  const path = await folder()
  const store = await openAt(path)
  await store.save('acme-prod', 'kept', signal)
  // Whoever opens it waits for somebody who writes.
  const hanging = join(path, 'beta-prod.json')
  execFileSync('mkfifo', [hanging])
  const given = new AbortController()
  const loading = store.load('beta-prod', given.signal)
  const behind = store.load('acme-prod', given.signal)
  await breathe()
  given.abort(new Error('too late'))
  await expect(loading).rejects.toThrow('too late')
  await expect(behind).rejects.toThrow('too late')
  await expect(store.load('acme-prod', signal)).rejects.toThrow('has not ended')
  await expect(store.remove('acme-prod', signal)).rejects.toThrow('has not ended')
  await writeFile(hanging, '').catch(() => undefined)
  await vi.waitFor(async () => expect(await store.load('acme-prod', signal)).toBe('kept'))
})

test('a folder that cannot be cleared up in time fails no start', async () => {
  const path = await folder()
  await writeFile(join(path, 'acme-prod.json'), 'kept')
  const over = AbortSignal.abort()
  const store = await openHistoryFiles({
    folder: path,
    isKnown: () => false,
    log: silent,
    signal: over,
  })
  expect(await store.load('acme-prod', signal)).toBe('kept')
})
