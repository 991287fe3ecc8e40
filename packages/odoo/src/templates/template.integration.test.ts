import { execFileSync } from 'node:child_process'
import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Bench,
  hasFixtures,
  makeEnvironment,
  openBench,
  templateArgv,
  whyNoFixtures,
} from '../bench.suite.ts'
import { withConnection } from '../database/administration.ts'
import { listTemplates } from './register.ts'

describe.skipIf(!hasFixtures)(`templates (${whyNoFixtures})`, () => {
  let bench: Bench

  beforeAll(async () => {
    bench = await openBench()
    await bench.importTemplate('18', 'base')
  })
  afterAll(() => bench[Symbol.asyncDispose]())

  const list = () => withConnection(bench.administration, { database: 'pulse' }, listTemplates)
  const withFlag = (argv: readonly string[], name: string, value: string) => [
    ...argv.filter((flag) => !flag.startsWith(`--${name}=`)),
    `--${name}=${value}`,
  ]

  test('a template refuses connections, and its role owns its objects but no database', async () => {
    const database = 'basic-template-18.localhost'
    const state = await bench.ask(
      'postgres',
      'SELECT datistemplate AND NOT datallowconn AND pg_get_userbyid(datdba) <> datname::text FROM pg_database WHERE datname = $1',
      [database],
    )
    expect(state).toEqual([true])
    const owned = await bench.ask(
      'postgres',
      'SELECT count(*)::int FROM pg_database WHERE pg_get_userbyid(datdba) = $1',
      [database],
    )
    expect(owned).toEqual([0])
    const [template] = await list()
    expect(template).toMatchObject({ database, edition: 'basic', major: '18', role: database })
    expect(template?.details.version).toMatch(/^18\.0/)
    expect(template?.details.files).toBeGreaterThan(5)
    expect((await stat(join(bench.places.templates, database, 'filestore'))).isDirectory()).toBe(
      true,
    )
  })

  test('importing the same dump again changes nothing', async () => {
    const oid = () =>
      bench.ask(
        'postgres',
        "SELECT oid FROM pg_database WHERE datistemplate AND datname LIKE 'basic%'",
      )
    const before = await oid()
    await bench.importTemplate('18', 'base')
    expect(await oid()).toEqual(before)
  })

  test('its facts tell when it was built, also when the same is asked for later', async () => {
    const facts = () => bench.results.read('crossplane-system/basic-18-facts')
    const built = facts()?.builtAt ?? ''
    expect(new Date(built).toISOString()).toBe(built)
    const tomorrow = { now: () => new Date(Date.now() + 86_400_000) }
    await bench.task('template', templateArgv('18', 'base'), tomorrow)
    expect(facts()?.builtAt).toBe(built)
  })

  test('a dump of another major is refused by its version, and nothing stays of it', async () => {
    const argv = withFlag(templateArgv('17', 'biz'), 'dump', templateFlag('18', 'dump'))
    await expect(bench.task('template', argv)).rejects.toThrow(/is of Odoo 18\.0.*, not of 17/)
    expect(await list()).toHaveLength(1)
    expect((await bench.databases()).filter((name) => name.startsWith('filling_'))).toEqual([])
  })

  test('what is no dump, and no dump of Odoo, is told', async () => {
    const garbage = join(bench.stateDir, 'garbage.dump')
    await writeFile(garbage, 'PGDMP and then nothing')
    const argv = withFlag(templateArgv('19', 'biz'), 'dump', garbage)
    await expect(bench.task('template', argv)).rejects.toThrow(`cannot read the dump ${garbage}`)
    const other = join(bench.stateDir, 'other.sql')
    await writeFile(other, 'CREATE TABLE theirs (id int);\n')
    await expect(bench.task('template', withFlag(argv, 'dump', other))).rejects.toThrow(
      'this is not a database of Odoo',
    )
  })

  test('a plain dump cannot run commands of the system, nor with an administrator’s rights', async () => {
    const trace = join(bench.stateDir, 'trace')
    const evil = join(bench.stateDir, 'evil.sql')
    const argv = withFlag(templateArgv('19', 'biz'), 'dump', evil)
    for (const line of [
      `\\! touch ${trace}`,
      `SELECT 1 \\! touch ${trace}`,
      `\\unrestrict x\n\\! touch ${trace}`,
    ]) {
      await writeFile(evil, `${line}\n`)
      await expect(bench.task('template', argv), line).rejects.toThrow()
    }
    await writeFile(evil, `COPY (SELECT 1) TO PROGRAM 'touch ${trace}';\n`)
    await expect(bench.task('template', argv)).rejects.toThrow(
      /must be superuser|permission denied/,
    )
    await writeFile(evil, 'ALTER ROLE CURRENT_USER SUPERUSER;\n')
    await expect(bench.task('template', argv)).rejects.toThrow(
      /must be superuser|permission denied/,
    )
    await writeFile(evil, 'CREATE EXTENSION file_fdw;\n')
    await expect(bench.task('template', argv)).rejects.toThrow(
      'file_fdw, which could leave its database',
    )
    await expect(stat(trace)).rejects.toThrow('ENOENT')
  })

  test('the archive of Odoo’s own manager becomes a template', async () => {
    const folder = join(bench.stateDir, 'archive')
    execFileSync('mkdir', ['-p', join(folder, 'filestore')])
    execFileSync('tar', ['-xzf', templateFlag('18', 'filestore'), '-C', join(folder, 'filestore')])
    const sql = execFileSync(
      'pg_restore',
      ['--no-owner', '--no-acl', '-f', '-', templateFlag('18', 'dump')],
      {
        maxBuffer: 512 * 1024 * 1024,
      },
    )
    await writeFile(join(folder, 'dump.sql'), sql)
    execFileSync('python3', ['-m', 'zipfile', '-c', '../backup.zip', 'dump.sql', 'filestore'], {
      cwd: folder,
    })
    const argv = templateArgv('18', 'base')
      .filter((flag) => !/^--(filestore|edition|database|dump|template)=/.test(flag))
      .concat(['--edition=pro', '--template=pro-18', '--database=pro-template-18.localhost'])
      .concat(`--dump=${join(bench.stateDir, 'backup.zip')}`)
    await bench.task('template', argv)
    const templates = await list()
    expect(templates.map(({ edition }) => edition)).toEqual(['basic', 'pro'])
    expect(templates[1]?.details.files).toBe(templates[0]?.details.files)
  })

  test('a new template takes the place of the old; its standbys go, its environments stay', async () => {
    const environment = await makeEnvironment(bench, 'stays')
    await bench.task('claim', environment.claimArgv)
    await bench.task('fill', ['--id=stale', '--edition=basic', '--major=18', '--hosting=pool'])
    const oid = () =>
      bench.ask('postgres', "SELECT oid FROM pg_database WHERE datname LIKE 'basic-template%'")
    const before = await oid()
    await bench.task('template', templateArgv('18', 'base'))
    expect(await oid()).toEqual(before)
    // The same dump with other files.
    await bench.task('template', [...templateArgv('18', 'base'), '--rev=2'])
    expect(await oid()).not.toEqual(before)
    const databases = await bench.databases()
    expect(databases).not.toContain('standby_stale')
    expect(databases.filter((name) => name.startsWith('filling_'))).toEqual([])
    expect(
      await bench.ask(environment.names.database, 'SELECT count(*)::int FROM res_company'),
    ).toEqual([1])
    const next = await makeEnvironment(bench, 'next')
    await bench.task('claim', next.claimArgv)
    expect(await bench.ask(next.names.database, 'SELECT count(*)::int FROM res_company')).toEqual([
      1,
    ])
  })

  test('passwords of other people do not survive in a template', async () => {
    const argv = templateArgv('18', 'demo')
    await bench.task('template', argv)
    const environment = await makeEnvironment(bench, 'demo')
    await bench.task('claim', environment.claimArgv)
    const known = await bench.ask(
      environment.names.database,
      'SELECT login FROM res_users WHERE password IS NOT NULL',
    )
    expect(known).toEqual(['ceo@demo.test'])
  }, 180_000)
})

function templateFlag(major: '17' | '18' | '19', name: string): string {
  const flag = templateArgv(major, major === '18' ? 'base' : 'biz').find((argument) =>
    argument.startsWith(`--${name}=`),
  )
  return flag?.slice(name.length + 3) ?? ''
}
