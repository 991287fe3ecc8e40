import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const tests = join(import.meta.dirname, '../../../odoo/tests')

test('the parts of plana_gateway that need no Odoo keep their promises', async () => {
  const args = ['-m', 'unittest', 'discover', '-s', tests]
  const { stderr } = await promisify(execFile)('/usr/bin/python3', args, {
    env: { PATH: process.env.PATH, PYTHONDONTWRITEBYTECODE: '1' },
    timeout: 60_000,
  })
  expect(stderr).toMatch(/^Ran [1-9]\d+ tests in /m)
  expect(stderr).toMatch(/^OK$/m)
})
