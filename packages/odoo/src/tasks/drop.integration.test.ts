import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  askAsWorker,
  type Bench,
  hasFixtures,
  makeEnvironment,
  openBench,
  type TestEnvironment,
  whyNoFixtures,
} from '../bench.suite.ts'
import { runAndKill } from './killed-task.suite.ts'

describe.skipIf(!hasFixtures)(`deletions (${whyNoFixtures})`, () => {
  let bench: Bench

  beforeAll(async () => {
    bench = await openBench()
    await bench.importTemplate('18', 'base')
  })
  afterAll(() => bench[Symbol.asyncDispose]())

  /** Everything that anything remembers of an environment. */
  async function tracesOf({ uid, names }: TestEnvironment) {
    const volume = bench.places.volume(`${names.namespace}/odoo-filestore`)
    const list = (folder: string) => readdir(folder).catch(() => [])
    const like = `%${uid}%`
    return {
      files: await list(join(volume, 'filestore', names.database)),
      graves: (await list(bench.places.tombstones)).filter((name) => name === uid),
      staged: (await list(bench.places.staging)).filter((name) => name.includes(uid)),
      claims: await bench.ask('pulse', 'SELECT 1 FROM odoo.claim WHERE environment_uid = $1', [
        uid,
      ]),
      databases: (await bench.databases()).filter((name) => name.includes(uid)),
      roles: await bench.ask('postgres', 'SELECT 1 FROM pg_roles WHERE rolname LIKE $1', [like]),
    }
  }

  const nothing = { files: [], graves: [], staged: [], claims: [], databases: [], roles: [] }

  test.each(['filestore:begin', 'publish:begin'] as const)(
    'an environment that nobody ever reached goes at once, whatever its retention (killed at %s)',
    async (at) => {
      const name = at.replace(':', '-')
      const environment = await makeEnvironment(bench, name, { hosting: 'instance' })
      const { claimArgv: argv } = environment
      expect(await runAndKill(bench, { task: 'claim', argv, at })).toBe('SIGKILL')
      await bench.task('drop', environment.dropArgv(7))
      expect(await tracesOf(environment)).toEqual(nothing)
    },
  )

  test('an environment whose filling was cut short leaves no role, even when its database is gone', async () => {
    const environment = await makeEnvironment(bench, 'begun', { hosting: 'instance' })
    const { claimArgv: argv } = environment
    await runAndKill(bench, { task: 'claim', argv, at: 'own:end' })
    await bench.ask('postgres', `DROP DATABASE "filling_${environment.uid}"`)
    await bench.task('drop', environment.dropArgv(7))
    expect(await tracesOf(environment)).toEqual(nothing)
  })

  test('a deletion that was killed once its database was gone is finished', async () => {
    const environment = await makeEnvironment(bench, 'halfway', { hosting: 'instance' })
    const { claimArgv: argv } = environment
    await runAndKill(bench, { task: 'claim', argv, at: 'publish:begin' })
    await bench.ask('postgres', `DROP DATABASE "claim_${environment.uid}"`)
    await bench.task('drop', environment.dropArgv(7))
    expect(await tracesOf(environment)).toEqual(nothing)
  })

  test('whose database was lost leaves files until they expire, and its name at once', async () => {
    const lost = await makeEnvironment(bench, 'lost', { hosting: 'instance' })
    await bench.task('claim', lost.claimArgv)
    await bench.ask('postgres', `DROP DATABASE "${lost.names.database}"`)
    await bench.task('drop', lost.dropArgv(7))
    expect((await tracesOf(lost)).graves).toEqual([lost.uid])

    const next = await makeEnvironment(bench, 'lost', { hosting: 'instance' })
    await bench.task('claim', next.claimArgv)
    const { database } = next.names
    expect(await askAsWorker(bench, next.databaseSecret, database, 'SELECT 1')).toBe(1)
    await bench.task('purge', [`--environment-uid=${lost.uid}`])
    expect(await tracesOf(lost)).toMatchObject({ graves: [], claims: [], roles: [] })
  })

  test('what a tenant has put in the place of a counter is not run by the administrator', async () => {
    const { claimArgv, dropArgv, databaseSecret, names, uid } = await makeEnvironment(
      bench,
      'hostile',
      { hosting: 'instance' },
    )
    await bench.task('claim', claimArgv)
    for (const statement of [
      `CREATE FUNCTION seize() RETURNS bigint LANGUAGE plpgsql AS
        $$ BEGIN EXECUTE 'ALTER ROLE "${names.role}" SUPERUSER'; RETURN 1; END $$`,
      'ALTER SEQUENCE base_registry_signaling RENAME TO aside',
      'CREATE VIEW base_registry_signaling AS SELECT seize() AS last_value',
    ]) {
      await askAsWorker(bench, databaseSecret, names.database, statement)
    }
    await bench.task('drop', dropArgv(7))
    const superusers = 'SELECT rolname FROM pg_roles WHERE rolsuper AND rolname = $1'
    expect(await bench.ask('postgres', superusers, [`~${uid}`])).toEqual([])
  })

  test('a counter that a tenant has set to the end does not spoil the name', async () => {
    const first = await makeEnvironment(bench, 'counted', { hosting: 'instance' })
    await bench.task('claim', first.claimArgv)
    await askAsWorker(
      bench,
      first.databaseSecret,
      first.names.database,
      "SELECT setval('base_registry_signaling', 9223372036854775807)",
    )
    await bench.task('drop', first.dropArgv(0))
    const next = await makeEnvironment(bench, 'counted', { hosting: 'instance' })
    await bench.task('claim', next.claimArgv)
    const last = 'SELECT last_value::text FROM base_registry_signaling'
    const [shown] = await bench.ask(next.names.database, last)
    expect(shown).not.toBe('9223372036854775807')
  })
})
