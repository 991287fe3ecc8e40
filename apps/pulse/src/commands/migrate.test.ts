import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { takeLockWithin } from '../installation/lock.ts'
import { statePaths } from '../installation/state-directory.ts'
import { createTestCommand } from './pulse-command.suite.ts'

test('while Pulse runs nothing is taken back', async () => {
  const state = mkdtempSync(join(tmpdir(), 'pulse-migrate-'))
  onTestFinished(() => rmSync(state, { recursive: true }))
  const release = await takeLockWithin(statePaths(state).lock, 1)
  onTestFinished(() => release())
  const { pulse } = createTestCommand()
  await expect(pulse('migrate', '--store', '1', '--state', state)).rejects.toMatchObject({
    exitCode: 1,
    message: expect.stringContaining(`Pulse runs on ${state}`),
  })
})

test('what is no version is refused', async () => {
  const { pulse } = createTestCommand()
  await expect(pulse('migrate', '--store', 'newest')).rejects.toThrow('is no version')
})
