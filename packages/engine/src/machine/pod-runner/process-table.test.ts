import { spawn } from 'node:child_process'
import { expect, test } from 'vitest'
import { isAlive, parseStat, processesOf, statOf } from './process-table.ts'

test('a command whose name looks like fields does not shift them', () => {
  const line = lineOf('S')
  expect(parseStat(line)).toEqual({ pid: 42, hasEnded: false, session: 102, startTicks: 118 })
})

test.each([
  ['S', 1, false],
  ['Z', 1, true],
  ['Z', 2, false],
  ['X', 0, true],
])('a process of state %s with %i threads has ended: %s', (state, threads, hasEnded) => {
  expect(parseStat(lineOf(state, threads))?.hasEnded).toBe(hasEnded)
})

function lineOf(state: string, threads = 1): string {
  const fields = Array.from({ length: 49 }, (_, index) => String(index + 100))
  return `42 (a) R 1 2 (b) ${state} ${fields.with(16, String(threads)).join(' ')}`
}

test('this process is alive, and is not the one that had its pid before', () => {
  const self = statOf(process.pid)
  if (!self) throw new Error('no /proc')
  expect(isAlive(self)).toBe(true)
  expect(isAlive({ pid: self.pid, startTicks: self.startTicks - 1 })).toBe(false)
})

test('a session whose leader is another process by now is not touched', async () => {
  const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' })
  const leader = statOf(child.pid ?? 0)
  if (!leader) throw new Error('not started')
  const { pid, startTicks } = leader
  expect(processesOf(leader, 'no-token').map((one) => one.pid)).toEqual([pid])
  expect(processesOf({ pid, startTicks: startTicks - 1 }, 'no-token')).toEqual([])
  child.kill('SIGKILL')
})
