import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, testPostgres } from './postgres.ts'
import type { StandInProgram } from './stand-in.ts'
import { copyStandIn, standInAt } from './stand-in-copy.ts'

const run = promisify(execFile)
let folder = ''
let program: StandInProgram

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pulse-copy-'))
  await chmod(folder, 0o755)
  await copyStandIn(join(folder, 'stand-in'))
  program = standInAt(join(folder, 'stand-in'), 0)('18')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('a copy runs without the checkout', async () => {
  await using database = await createTestDatabase()
  const { host, port, user, password } = testPostgres()
  const args = [...program.args, '-d', database.name, '-i', 'base', '--stop-after-init']
  const { stderr } = await run(program.command, args, {
    cwd: '/',
    env: { PGHOST: host, PGPORT: String(port), PGUSER: user, PGPASSWORD: password },
  })
  expect(stderr).toContain('Modules loaded.')
})

test.skipIf(process.getuid?.() !== 0)(
  'a user without an account or a home may run it (needs root)',
  async () => {
    const { stdout } = await run(program.command, [...program.args, '--version'], {
      uid: 61_234,
      gid: 61_234,
      cwd: '/',
      env: {},
    })
    expect(stdout).toContain('Odoo Server 18.0')
  },
)

test('copying again replaces what was there', async () => {
  const again = (await copyStandIn(join(folder, 'stand-in')))('17')
  const { stdout } = await run(again.command, [...again.args, '--version'], { cwd: '/' })
  expect(stdout).toContain('Odoo Server 17.0')
})
