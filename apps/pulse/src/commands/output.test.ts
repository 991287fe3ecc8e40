import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClientKinds } from '@pulse/api'
import { createMemoryObjects } from '@pulse/engine'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { readConfig } from '../config.ts'
import type { Cluster, CommandContext } from './context.ts'
import { createProgram } from './program.ts'

const { kinds, findKind } = createClientKinds()
const noLog: Cluster['logs'] = async function* () {}
let out = ''
let err = ''
let context: CommandContext

beforeEach(() => {
  const store = createMemoryObjects({ kinds: findKind, now: () => new Date(), newUid: randomUUID })
  out = ''
  err = ''
  context = {
    out: {
      interactive: false,
      write: (text) => {
        out += text
      },
    },
    err: {
      interactive: false,
      write: (text) => {
        err += text
      },
    },
    hint: (words) => `pulse ${words}`,
    kinds: async () => kinds,
    signal: new AbortController().signal,
    config: async () => readConfig(),
    // One store for all commands of a test: it ends with the test.
    connect: async () => ({ ...store, logs: noLog, close: async () => {} }),
    figures: async () => undefined,
    machine: async () => undefined,
    top: async () => undefined,
  }
  return () => store.close()
})

/** Runs `pulse WORDS`; what it writes to standard output, as a program reads it. */
async function pulse(...words: readonly string[]): Promise<unknown> {
  out = ''
  const program = await createProgram(context, words)
  await program.parseAsync([...words], { from: 'user' })
  return JSON.parse(out)
}

function manifestOf(...names: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'pulse-output-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'maps.json')
  const items = names.map((name) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'default' },
    data: { key: 'value' },
  }))
  writeFileSync(path, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
  return path
}

test('apply -o json prints the objects as they are stored', async () => {
  expect(await pulse('apply', '-f', manifestOf('a'), '-o', 'json')).toMatchObject({
    kind: 'ConfigMap',
    metadata: { name: 'a', uid: expect.any(String) },
  })
  expect(await pulse('apply', '-f', manifestOf('a', 'b'), '-o', 'json')).toMatchObject({
    kind: 'List',
    items: [{ metadata: { name: 'a' } }, { metadata: { name: 'b' } }],
  })
})

test('who has set which field is shown only when it is asked for', async () => {
  const managed = { metadata: { managedFields: [{ manager: 'pulse-apply' }] } }
  const hidden = { metadata: { managedFields: expect.anything() } }
  const get = ['get', 'cm', 'a', '-o', 'json']
  expect(await pulse('apply', '-f', manifestOf('a'), '-o', 'json')).not.toMatchObject(hidden)
  expect(await pulse(...get)).not.toMatchObject(hidden)
  expect(await pulse('get', 'cm', '-o', 'json')).not.toMatchObject({ items: [hidden] })
  expect(await pulse('wait', 'cm/a', '--for=create', '-o', 'json')).not.toMatchObject(hidden)
  expect(await pulse(...get, '--show-managed-fields')).toMatchObject(managed)
})

test('delete -o json tells what has become of each', async () => {
  await pulse('apply', '-f', manifestOf('a'), '-o', 'json')
  const names = ['cm/a', 'cm/b']
  expect(await pulse('delete', ...names, '--ignore-not-found', '-o', 'json')).toMatchObject([
    { kind: 'ConfigMap', name: 'a', state: 'deleted' },
    { kind: 'ConfigMap', name: 'b', state: 'absent' },
  ])
  expect(err).toContain('configmap/a deleted')
})

test('wait -o json prints the object for which it waited', async () => {
  await pulse('apply', '-f', manifestOf('a'), '-o', 'json')
  const gone = pulse('wait', 'cm/a', '--for=delete', '-o', 'json')
  const cluster = await context.connect(await context.config({}))
  await cluster.delete({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'a' })
  expect(await gone).toMatchObject({ kind: 'ConfigMap', name: 'a' })
})

test('a type without a name is refused before anything is deleted', async () => {
  await expect(pulse('delete', 'cm')).rejects.toThrow('a name is missing')
})
