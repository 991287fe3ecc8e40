import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Log } from '@pulse/api'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { createTaskExecutor, type TaskProcess } from './task-executor.ts'
import { runnerUnderTest } from './task-runner.suite.ts'

let folder: string
let log: string
let warned: string[]
const never = new AbortController().signal

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pulse-executor-'))
  log = join(folder, 'log')
  warned = []
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const hear = (_: unknown, text?: string) => void warned.push(text ?? '')
const testLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: hear,
  error: hear,
  child: () => testLog,
}

function open(): TaskProcess {
  const executor = createTaskExecutor({ ...runnerUnderTest, log: testLog, onStep: () => undefined })
  onTestFinished(() => executor.close())
  return executor
}

function run(
  executor: TaskProcess,
  command: string,
  given: { signal?: AbortSignal; log?: string } = {},
) {
  return executor.run({ args: [command], env: {}, log, signal: never, ...given })
}

test('a task is run to its end', async () => {
  const executor = open()
  expect(await run(executor, 'say')).toEqual({ exitCode: 0 })
  expect(await run(executor, 'throw')).toEqual({ exitCode: 1 })
})

test('tasks under way when the runner dies end as killed, and the next one has a new runner', async () => {
  const executor = open()
  const waiting = run(executor, 'until-aborted')
  const deadly = run(executor, 'die')
  expect(await waiting).toEqual({ exitCode: 137 })
  expect(await deadly).toEqual({ exitCode: 137 })
  expect(warned).toContain('task runner died')
  expect(await run(executor, 'say')).toEqual({ exitCode: 0 })
})

test('a runner that cannot be started ends what waits for it, and is tried again', async () => {
  const interpreter = process.execPath
  onTestFinished(() => {
    process.execPath = interpreter
  })
  process.execPath = join(folder, 'no-node')
  const executor = open()
  const tasks = [1, 2].map(() => run(executor, 'say'))
  expect(await Promise.all(tasks)).toEqual([{ exitCode: 137 }, { exitCode: 137 }])
  expect(warned).toContain('task runner cannot be started')
  process.execPath = interpreter
  expect(await run(executor, 'say')).toEqual({ exitCode: 0 })
})

test('a task is aborted, also one that was given up before', async () => {
  const executor = open()
  const abort = new AbortController()
  const running = run(executor, 'until-aborted', { signal: abort.signal })
  const late = run(executor, 'until-aborted', { signal: AbortSignal.abort() })
  expect(await late).toEqual({ exitCode: 143 })
  abort.abort()
  expect(await running).toEqual({ exitCode: 143 })
})

test('closing ends what is under way, and nothing begins after it', async () => {
  const executor = open()
  const running = run(executor, 'until-aborted')
  await executor.close()
  expect(await running).toEqual({ exitCode: 137 })
  expect(await run(executor, 'say')).toEqual({ exitCode: 137 })
  expect(warned).toEqual([])
})

test('what the runner logs stands in the log of its server, and nowhere else', async () => {
  const executor = open()
  await run(executor, 'log')
  await expect.poll(() => warned).toEqual(['is away'])
})

test('a log that cannot be written is told', async () => {
  const executor = open()
  await run(executor, 'say', { log: '/dev/full' })
  expect(warned).toEqual(['log of a task not written'])
})
