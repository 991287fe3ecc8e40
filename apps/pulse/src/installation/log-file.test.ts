import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createLog } from '@pulse/service'
import { expect, onTestFinished, test } from 'vitest'
import { openLogFile } from './log-file.ts'

function logPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pulse-log-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return join(folder, 'pulse.log')
}

test('a full disk costs lines of the log, not the server', () => {
  const file = openLogFile('/dev/full')
  onTestFinished(file.close)
  const log = createLog('info', file)
  expect(() => log.info({ tenant: 'acme' }, 'tenant woke')).not.toThrow()
})

test('lines that could not be written are counted in front of the next one that could', () => {
  const path = logPath()
  const folder = dirname(path)
  symlinkSync('/dev/full', path)
  const file = openLogFile(path, { maxBytes: 0 })
  onTestFinished(file.close)
  // Its folder is away, so no other file takes the place of the full one.
  renameSync(folder, `${folder}-away`)
  for (const line of ['first\n', 'second\n', 'third\n']) file.write(line)
  renameSync(`${folder}-away`, folder)
  file.write('after\n')
  const [missing = '', after] = readFileSync(path, 'utf8').trimEnd().split('\n')
  expect(JSON.parse(missing)).toMatchObject({ level: 'warn', lost: 3 })
  expect(after).toBe('after')
})

test('a log that has grown gives way to a new one, and only so many old ones stay', () => {
  const path = logPath()
  const file = openLogFile(path, { maxBytes: 10, keep: 2 })
  onTestFinished(file.close)
  for (const line of ['first line\n', 'second line\n', 'third line\n', 'fourth line\n']) {
    file.write(line)
  }
  expect(readFileSync(path, 'utf8')).toBe('fourth line\n')
  expect(readFileSync(`${path}.1`, 'utf8')).toBe('third line\n')
  expect(readFileSync(`${path}.2`, 'utf8')).toBe('second line\n')
  expect(existsSync(`${path}.3`)).toBe(false)
})

test('an old log is continued', () => {
  const path = logPath()
  for (const line of ['before\n', 'after\n']) {
    const file = openLogFile(path, { maxBytes: 100 })
    file.write(line)
    file.close()
  }
  expect(readFileSync(path, 'utf8')).toBe('before\nafter\n')
})
