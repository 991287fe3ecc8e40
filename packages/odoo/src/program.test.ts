import { expect, onTestFinished, test, vi } from 'vitest'
import { findProgram } from './program.ts'

test('a program for administrators is found where the PATH does not lead', async () => {
  vi.stubEnv('PATH', '/usr/bin:/bin')
  onTestFinished(() => void vi.unstubAllEnvs())
  expect(await findProgram('ldconfig')).toMatch(/^(\/usr)?\/s?bin\/ldconfig$/)
  expect(await findProgram('no-program-of-that-name')).toBeUndefined()
})
