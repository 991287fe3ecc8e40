import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { standInProgram } from '@pulse/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Bench, fillArgv, makeEnvironment, makePoolRole, openBench } from '../bench.suite.ts'
import type { RuntimeLookup } from '../runtime/runtime.ts'

/** The stand-in, and then the one file that it does not write by itself. */
const installer = `
"$@" || exit
for argument; do case "$argument" in
  --data-dir=*) data="\${argument#*=}" ;;
  --database=*) database="\${argument#*=}" ;;
esac; done
name=0123456789012345678901234567890123456789
mkdir -p "$data/filestore/$database/01" && echo content > "$data/filestore/$database/01/$name"
`

const runtimes: RuntimeLookup = (major) => {
  const { command, args } = standInProgram(major)
  return {
    major,
    version: `${major}.0`,
    command: ['/bin/sh', '-c', installer, 'sh', command, ...args, '--standin-burn=0'],
    standIn: true,
  }
}

let bench: Bench

beforeAll(async () => {
  bench = await openBench()
  await makePoolRole(bench, '18')
})
afterAll(() => bench[Symbol.asyncDispose]())

/** As a service that systemd starts with `UMask=0077`. */
async function inPrivate<T>(work: () => Promise<T>): Promise<T> {
  const before = process.umask(0o077)
  try {
    return await work()
  } finally {
    process.umask(before)
  }
}

const staged = () => readdir(bench.places.staging)

async function modesOf(folder: string): Promise<readonly number[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  const found = await Promise.all(files.map((file) => lstat(join(file.parentPath, file.name))))
  return found.map(({ mode }) => mode & 0o777)
}

test('files of a database made without a template can be read by its tenant, and nothing stays behind', async () => {
  const environment = await makeEnvironment(bench, 'first')
  const { names } = environment
  await inPrivate(() => bench.task('claim', environment.claimArgv, { runtimes }))
  const volume = bench.places.volume(`${names.namespace}/odoo-filestore`)
  const modes = await modesOf(join(volume, 'filestore', names.database))
  expect(modes.length).toBeGreaterThan(0)
  expect(new Set(modes)).toEqual(new Set([0o444]))
  expect(await staged()).toEqual([])
})

test('a standby made without a template keeps its files until it is dropped', async () => {
  await bench.task('fill', fillArgv('waits', '18', 'pool'), { runtimes })
  expect(await staged()).toHaveLength(1)
  await bench.task('standby-drop', ['--edition=basic', '--major=18'])
  expect(await staged()).toEqual([])
})

test('an installation that was deleted before anybody reached it leaves no files', async () => {
  const environment = await makeEnvironment(bench, 'never')
  await bench.ask('postgres', `CREATE DATABASE "${environment.names.database}"`)
  await bench.task('fill', fillArgv('taken', '18', 'pool'), { runtimes })
  // Taken, and then stopped by somebody else's database of this name.
  await bench.ask(
    'pulse',
    `INSERT INTO odoo.claim (environment_uid, oid, database, template, hosting, role, shape, origin, filestore, database_uuid, signalling, fill_ms)
     SELECT $1, oid, $2, template, hosting, role, shape, origin, filestore, 'x', 1, 1 FROM odoo.standby WHERE id = 'taken'`,
    [environment.uid, environment.names.database],
  )
  await bench.ask('pulse', "DELETE FROM odoo.standby WHERE id = 'taken'")
  expect(await staged()).toHaveLength(1)
  await bench.task('drop', environment.dropArgv(7))
  expect(await staged()).toEqual([])
})
