import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Log } from '@pulse/api'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type KeptParent, keepParent, type ParentState } from './keep-parent.ts'

let folder: string
let kept: KeptParent | undefined
let states: ParentState[]
let pids: number[]
beforeEach(() => {
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
})

test('what cannot be started is given up after the second attempt, and says why', async () => {
  keep('/nowhere/python3')
  await untilStates('starting', 'failed')
  expect(kept?.state()).toEqual({
    type: 'failed',
    reason: expect.stringMatching(/^cannot start: .*ENOENT/),
  })
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
    },
    (state) => states.push(state),
  )
}

async function untilStates(...types: ParentState['type'][]) {
  const seen = () => states.map(({ type }) => type)
  await expect.poll(seen, { timeout: 30_000 }).toEqual(types)
}

/** Hears the process ids that are logged. */
const listening: Log = {
  debug: () => {},
  info: (facts) => {
    if ('pid' in facts && typeof facts.pid === 'number') pids.push(facts.pid)
  },
  warn: () => {},
  error: () => {},
  child: () => listening,
}
