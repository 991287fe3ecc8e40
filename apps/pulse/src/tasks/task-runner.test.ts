import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { FromRunner, ToRunner } from './messages.ts'
import { runnerUnderTest } from './task-runner.suite.ts'

let folder: string
let runner: ReturnType<typeof open>

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pulse-runner-'))
  runner = open()
})
afterEach(async () => {
  await runner.close()
  await rm(folder, { recursive: true, force: true })
})

function open(...more: readonly string[]) {
  const child = fork(runnerUnderTest.module, [...runnerUnderTest.args, ...more], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const heard: FromRunner[] = []
  child.on('message', (message: FromRunner) => heard.push(message))
  const ended = once(child, 'exit')
  const ofTask = (wanted: number) =>
    heard.find((message) => message.type === 'done' && message.id === wanted)
  return {
    heard,
    tell: (message: ToRunner) => child.send(message),
    run: (id: number, command: string, log: string) =>
      child.send({ type: 'run', id, args: [command], log } satisfies ToRunner),
    exitCodeOf: (id: number) => expect.poll(() => ofTask(id), { timeout: 10_000 }),
    async close() {
      if (child.connected) child.disconnect()
      return (await ended)[0]
    },
  }
}

test('a task’s output and its end stand in its log', async () => {
  const log = join(folder, 'log')
  runner.run(1, 'throw', log)
  await runner.exitCodeOf(1).toMatchObject({ exitCode: 1 })
  expect(await readFile(log, 'utf8')).toBe('throw\nthe task is broken\n')
})

test.each([
  { why: 'its folder is gone', log: () => join(folder, 'gone/log'), code: 'ENOENT' },
  { why: 'the disk is full', log: () => '/dev/full', code: 'ENOSPC' },
])(
  'a task whose log cannot be written because $why goes on, and others too',
  async ({ log, code }) => {
    runner.run(1, 'say', log())
    runner.run(2, 'throw', log())
    await runner.exitCodeOf(1).toMatchObject({ exitCode: 0 })
    await runner.exitCodeOf(2).toMatchObject({ exitCode: 1 })
    expect(runner.heard).toContainEqual({
      type: 'unlogged',
      id: 1,
      reason: expect.stringContaining(code),
    })
    runner.run(3, 'say', join(folder, 'log'))
    await runner.exitCodeOf(3).toMatchObject({ exitCode: 0 })
    expect(await runner.close()).toBe(0)
  },
)

test('a runner whose server has gone before it was ready ends', async () => {
  expect(await open('late').close()).toBe(0)
})

test('a task that waits in line is cancelled without being begun', async () => {
  const log = join(folder, 'log')
  for (const id of [1, 2]) runner.run(id, 'until-aborted', join(folder, `log${id}`))
  runner.run(3, 'say', log)
  runner.tell({ type: 'abort', id: 3 })
  await runner.exitCodeOf(3).toMatchObject({ exitCode: 143 })
  await expect(readFile(log)).rejects.toThrow('ENOENT')
})
