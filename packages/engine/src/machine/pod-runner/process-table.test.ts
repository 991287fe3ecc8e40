import { spawn } from 'node:child_process'
import { expect, test } from 'vitest'
import { isAlive, parseStat, processesOf, statOf } from './process-table.ts'

test('a command whose name looks like fields does not shift them', () => {
  const fields = Array.from({ length: 49 }, (_, index) => String(index + 100))
  const line = `42 (a) R 1 2 (b) S ${fields.join(' ')}`
  expect(parseStat(line)).toEqual({ pid: 42, state: 'S', session: 102, startTicks: 118 })
})

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
