import { chmodSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Log } from '@pulse/api'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type KeptParent, keepParent, type ParentState } from './keep-parent.ts'

let folder: string
let kept: KeptParent | undefined
let states: ParentState[]
let pids: number[]
let now: Date
let timers: Map<() => void, number>
let retries: unknown[]
beforeEach(() => {
  now = new Date('2026-11-30T12:00:00Z')
  timers = new Map()
  retries = []
  folder = mkdtempSync(join(tmpdir(), 'pulse-parent-'))
  kept = undefined
  states = []
  pids = []
})
afterEach(async () => {
  await kept?.close()
  rmSync(folder, { recursive: true })
})

test('a parent that dies is started anew, and given up when it dies again', async () => {
  keep('python3')
  await untilStates('ready')
  process.kill(pids[0] ?? 0, 'SIGKILL')
  await untilStates('ready', 'starting', 'ready')
  expect(pids[1]).not.toBe(pids[0])
  process.kill(pids[1] ?? 0, 'SIGKILL')
  await untilStates('ready', 'starting', 'ready', 'failed')
  expect(kept?.state()).toEqual({ type: 'failed', reason: 'ended with SIGKILL' })
  expect(retries.at(-1)).toEqual(new Date('2026-11-30T12:10:00Z'))
})

test('what cannot be started is given up after the second attempt, and says why', async () => {
  keep('/nowhere/python3')
  await untilStates('starting', 'failed')
  expect(kept?.state()).toEqual({
    type: 'failed',
    reason: expect.stringMatching(/^cannot start: .*ENOENT/),
  })
  expect(retries.at(-1)).toEqual(new Date('2026-11-30T12:10:00Z'))
})

test('who was given up is tried again, ever more seldom, and forks once it can', async () => {
  const python = join(folder, 'python')
  keep(python)
  await untilStates('starting', 'failed')
  advance(9)
  expect(kept?.state()).toMatchObject({ type: 'failed' })
  advance(1)
  await untilStates('starting', 'failed', 'failed')
  expect(retries.at(-1)).toEqual(new Date('2026-11-30T12:30:00Z'))
  symlinkSync('/usr/bin/python3', python)
  advance(19)
  expect(kept?.state()).toMatchObject({ type: 'failed' })
  advance(1)
  await untilStates('starting', 'failed', 'failed', 'ready')
})

test('closed while it waits for the next attempt, it makes none', async () => {
  keep('/nowhere/python3')
  await untilStates('starting', 'failed')
  await kept?.close()
  expect(timers.size).toBe(0)
})

test('a parent that refuses to start says what it has found', async () => {
  chmodSync(folder, 0o755)
  keep('python3', folder)
  await untilStates('starting', 'failed')
  expect(kept?.state()).toMatchObject({ reason: expect.stringContaining('mode 0700') })
})

test('a parent that does not answer any more is replaced', async () => {
  keep('python3')
  await untilStates('ready')
  process.kill(pids[0] ?? 0, 'SIGSTOP')
  kept?.replace()
  await untilStates('ready', 'starting', 'ready')
})

test('closed, the parent is gone', async () => {
  keep('python3')
  await untilStates('ready')
  await kept?.close()
  expect(() => process.kill(pids[0] ?? 0, 0)).toThrow('ESRCH')
})

function keep(python: string, socketFolder = join(folder, '18')) {
  kept = keepParent(
    {
      major: '18',
      program: join(import.meta.dirname, '../../../../odoo/forking'),
      python,
      odoo: undefined,
      bytecode: undefined,
      path: '/usr/bin:/bin',
      socket: join(socketFolder, 'socket'),
      modules: [],
      addonsPath: [],
      languages: [],
      log: listening,
      clock: {
        now: () => now,
        after(milliseconds, run) {
          timers.set(run, now.getTime() + milliseconds)
          return () => timers.delete(run)
        },
      },
    },
    (state) => states.push(state),
  )
}

function advance(minutes: number) {
  now = new Date(now.getTime() + minutes * 60_000)
  for (const [run, at] of timers) {
    if (at > now.getTime()) continue
    timers.delete(run)
    run()
  }
}

async function untilStates(...types: ParentState['type'][]) {
  const seen = () => states.map(({ type }) => type)
  await expect.poll(seen, { timeout: 30_000 }).toEqual(types)
}

/** Hears what is logged of process ids and of the next attempt. */
const listening: Log = {
  debug: () => {},
  info: (facts) => {
    if ('pid' in facts && typeof facts.pid === 'number') pids.push(facts.pid)
  },
  warn(facts) {
    if ('retryAt' in facts) retries.push(facts.retryAt)
  },
  error: () => {},
  child: () => listening,
}
