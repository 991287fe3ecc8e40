import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KubeObject } from '@pulse/api'
import { expect, onTestFinished, test } from 'vitest'
import { createTestCommand } from './pulse-command.suite.ts'
import { templateKind } from './template-request.ts'
import { waitUntil } from './wait-until.ts'

const ref = { ...templateKind, name: 'basic-18' }
const ready = { type: 'Ready', status: 'True', reason: 'Available' }
const failed = { type: 'DatabaseReady', status: 'False', reason: 'BuildFailed', message: 'no dump' }

/** `pulse template import` of one file, as often as wanted, and the status that its template is given. */
async function importing() {
  const folder = await mkdtemp(join(tmpdir(), 'pulse-template-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const dump = join(folder, 'basic.dump')
  await writeFile(dump, 'a dump')
  const command = createTestCommand()
  const { store } = command

  const requested = (holds: (template: KubeObject) => boolean) =>
    waitUntil(store, ref, {
      timeoutMs: 10_000,
      signal: new AbortController().signal,
      holds: (template) => template !== undefined && holds(template),
    })
  return {
    ...command,
    requested,
    run: () => command.pulse('template', 'import', '18', '--edition', 'basic', '--dump', dump),
    async answer(status: object) {
      const template = await store.get(ref)
      await store.update(
        { ...ref, ...template, status: { observedGeneration: 1, ...status } } as KubeObject,
        { fieldManager: 'test', subresource: 'status' },
      )
    },
  }
}

test('an import after a failure hears of its own attempt, not of the one before', async () => {
  const { requested, run, answer, written } = await importing()
  const first = expect(run()).rejects.toThrow('no dump')
  await requested(() => true)
  await answer({ conditions: [failed] })
  await first

  written.err = ''
  const second = run()
  await requested(({ metadata }) => metadata.annotations !== undefined)
  const building = { ...failed, reason: 'Building', message: 'is being built' }
  await answer({ observedRetry: 1, conditions: [building] })
  await answer({ observedRetry: 1, conditions: [ready] })
  await second
  expect(written.err).not.toContain('no dump')
  expect(written.err).toContain('template basic-18 is ready')
})

test('an attempt that fails too tells its own reason', async () => {
  const { requested, run, answer } = await importing()
  const first = expect(run()).rejects.toThrow('no dump')
  await requested(() => true)
  await answer({ conditions: [failed] })
  await first

  const second = expect(run()).rejects.toThrow('wrong major')
  await requested(({ metadata }) => metadata.annotations !== undefined)
  await answer({ observedRetry: 1, conditions: [{ ...failed, message: 'wrong major' }] })
  await second
})
