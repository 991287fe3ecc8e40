import { execFileSync } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { copyFile, mkdir, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Bench, hasFixtures, openBench, templateArgv, whyNoFixtures } from '../bench.suite.ts'
import { FinalError } from '../final-error.ts'

const odooDump = flagOf(templateArgv('18', 'base'), 'dump')

let bench: Bench
let folder: string

beforeAll(async () => {
  bench = await openBench()
  folder = join(bench.stateDir, 'dumps')
  await mkdir(folder)
  await writeFile(path('notes.txt'), 'Dear all,\nthis is no dump.\n')
  await writeFile(path('theirs.sql'), 'CREATE TABLE theirs (id int);\n')
  await writeFile(path('torn.dump'), 'PGDMP and then nothing')
  await writeFile(path('broken.zip'), 'PK and then nothing')
  await pipeline(['SELECT 1;\n'], createGzip(), createWriteStream(path('dump.sql.gz')))
  await writeFile(path('letter.sql'), 'SELECT 1;\n')
  execFileSync('python3', ['-m', 'zipfile', '-c', 'letter.zip', 'letter.sql'], { cwd: folder })
})
afterAll(() => bench[Symbol.asyncDispose]())

const path = (name: string) => join(folder, name)

function imported(dump: string, filestore?: string): Promise<unknown> {
  const argv = templateArgv('18', 'base').filter((flag) => !/^--(dump|filestore)=/.test(flag))
  const files = filestore === undefined ? [] : [`--filestore=${path(filestore)}`]
  const run = bench.task('template', [...argv, `--dump=${path(dump)}`, ...files])
  return run.catch((error: unknown) => error)
}

test.each([
  ['missing.dump', 'cannot read the dump'],
  ['notes.txt', 'cannot restore'],
  ['theirs.sql', 'this is not a database of Odoo'],
  ['torn.dump', 'cannot read the dump'],
  ['dump.sql.gz', 'is compressed'],
  ['broken.zip', 'cannot unpack'],
  ['letter.zip', 'has no dump.sql'],
])('%s is not worth another attempt', async (dump, message) => {
  const error = await imported(dump)
  expect(error).toMatchObject({ message: expect.stringContaining(message) })
  expect(error).toBeInstanceOf(FinalError)
})

test.each([
  ['missing.tar.gz', 'cannot read the filestore'],
  ['notes.txt', 'cannot unpack the filestore'],
])('nor are the files of %s', async (filestore, message) => {
  const error = await imported('theirs.sql', filestore)
  expect(error).toMatchObject({ message: expect.stringContaining(message) })
  expect(error).toBeInstanceOf(FinalError)
})

test('a restore whose server goes away is worth another attempt', async () => {
  const statement = 'SELECT pg_terminate_backend(pg_backend_pid());\n'
  await writeFile(path('gone.sql'), statement)
  const error = await imported('gone.sql')
  expect(error).toMatchObject({ message: expect.stringContaining('cannot restore') })
  expect(error).not.toBeInstanceOf(FinalError)
})

describe.skipIf(!hasFixtures)(`dumps of Odoo (${whyNoFixtures})`, () => {
  test('one that was cut short is not worth another attempt', async () => {
    await copyFile(odooDump, path('short.dump'))
    await truncate(path('short.dump'), 1_000_000)
    const error = await imported('short.dump')
    expect(error).toMatchObject({ message: expect.stringContaining('cannot restore') })
    expect(error).toBeInstanceOf(FinalError)
  })

  test('nor is one of another major', async () => {
    const others = templateArgv('17', 'biz').filter((flag) => !/^--(dump|filestore)=/.test(flag))
    const run = bench.task('template', [...others, `--dump=${odooDump}`])
    const error = await run.catch((error: unknown) => error)
    expect(error).toMatchObject({ message: expect.stringContaining('not of 17') })
    expect(error).toBeInstanceOf(FinalError)
  })
})

function flagOf(argv: readonly string[], name: string): string {
  return argv.find((flag) => flag.startsWith(`--${name}=`))?.slice(name.length + 3) ?? ''
}
