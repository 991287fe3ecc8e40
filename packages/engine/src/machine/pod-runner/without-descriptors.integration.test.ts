import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const run = promisify(execFile)

test('a process that nobody has a descriptor left to look at is not taken for ended', async () => {
  const program = join(import.meta.dirname, 'testdata', 'without-descriptors-process.ts')
  const args = ['--nofile=64:64', '--', process.execPath, program]
  const { stdout } = await run('prlimit', args, { timeout: 30_000 })
  expect(JSON.parse(stdout)).toEqual({ left: 'EMFILE', hasEnded: false, asked: 'EMFILE' })
})
