import { expect, test } from 'vitest'
import { isAlive, parseStat, statOf } from './process-table.ts'

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
