import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  askAsWorker,
  type Bench,
  fillArgv,
  hasFixtures,
  makeEnvironment,
  makePoolRole,
  openBench,
  type TestEnvironment,
  templateArgv,
  whyNoFixtures,
} from '../bench.suite.ts'
import { type Point, pointsOf, runAndKill } from './killed-task.suite.ts'

const isOfFilling = (at: Point) => /^(clear|create|role|own|name):/.test(at)

describe.skipIf(!hasFixtures)(`killed tasks (${whyNoFixtures})`, () => {
  let bench: Bench

  beforeAll(async () => {
    bench = await openBench()
    await bench.importTemplate('18', 'base')
    await makePoolRole(bench, '18')
  })
  afterAll(() => bench[Symbol.asyncDispose]())

  /** Databases other than `postgres` that a tenant's role may enter. */
  async function withinReach(): Promise<readonly unknown[]> {
    return await bench.ask(
      'postgres',
      `SELECT DISTINCT d.datname FROM pg_database d, pg_roles r
       WHERE d.datallowconn AND d.datname <> 'postgres' AND NOT r.rolsuper AND r.rolname !~ '^pg_'
         AND has_database_privilege(r.oid, d.oid, 'CONNECT') ORDER BY 1`,
    )
  }

  async function filesOf({ names }: TestEnvironment): Promise<number> {
    const folder = join(
      bench.places.volume(`${names.namespace}/odoo-filestore`),
      'filestore',
      names.database,
    )
    return (await readdir(folder, { recursive: true }).catch(() => [])).length
  }

  test.each(['pool', 'instance'] as const)(
    'a claim for a %s that is killed anywhere leaves nothing half-made in reach, and goes on',
    async (hosting) => {
      const whole = await makeEnvironment(bench, `whole-${hosting}`, { hosting })
      const points = await pointsOf(() => bench.task('claim', whole.claimArgv))
      expect(points.length).toBeGreaterThanOrEqual(18)
      const files = await filesOf(whole)

      // The filling inside is killed everywhere for a pool here, and for an instance in a test of its own.
      const chosen = points.filter((at) => hosting === 'pool' || !isOfFilling(at))
      for (const [index, at] of chosen.entries()) {
        const environment = await makeEnvironment(bench, `k${index}-${hosting}`, { hosting })
        const before = await withinReach()
        const run = { task: 'claim', argv: environment.claimArgv, at }
        expect(await runAndKill(bench, run), at).toBe('SIGKILL')

        const { database } = environment.names
        const appeared = (await withinReach()).filter((name) => !before.includes(name))
        expect(
          appeared.filter((name) => name !== database),
          at,
        ).toEqual([])
        if (appeared.length > 0) expect(await isComplete(environment), at).toBe(true)
        expect([0, files], at).toContain(await filesOf(environment))

        await bench.task('claim', environment.claimArgv)
        expect(await isComplete(environment), at).toBe(true)
        expect(await filesOf(environment), at).toBe(files)
        expect(await unfinished(), at).toEqual([])
        expect(bench.results.read(environment.credentials)?.password, at).toMatch(/^[0-9a-z-]{23}$/)
        if (hosting === 'instance') {
          const { databaseSecret } = environment
          expect(await askAsWorker(bench, databaseSecret, database, 'SELECT 1'), at).toBe(1)
        }
        await bench.task('drop', environment.dropArgv(0))
      }
    },
    400_000,
  )

  test('a filling that is killed anywhere is finished or done again, and leaves one standby', async () => {
    const points = await pointsOf(() => bench.task('fill', fillArgv('whole', '18', 'instance')))
    for (const [index, at] of points.entries()) {
      const argv = fillArgv(`fill${index}`, '18', 'instance')
      const before = await withinReach()
      expect(await runAndKill(bench, { task: 'fill', argv, at }), at).toBe('SIGKILL')
      expect(await withinReach(), at).toEqual(before)
      await bench.task('fill', argv)
      expect(await bench.databases(), at).toContain(`standby_fill${index}`)
      expect(await unfinished(), at).toEqual([])
    }
    await bench.task('standby-drop', ['--edition=basic', '--major=18'])
    const left = await bench.databases()
    expect(left.filter((name) => name.startsWith('standby_'))).toEqual([])
  }, 300_000)

  test.each(['pool', 'instance'] as const)(
    'a deletion of a %s that is killed anywhere ends with the tombstone alone, and the name is free',
    async (hosting) => {
      const whole = await makeEnvironment(bench, `gone-${hosting}`, { hosting })
      await bench.task('claim', whole.claimArgv)
      const points = await pointsOf(() => bench.task('drop', whole.dropArgv(7)))

      for (const [index, at] of points.entries()) {
        const environment = await makeEnvironment(bench, `d${index}-${hosting}`, { hosting })
        await bench.task('claim', environment.claimArgv)
        const run = { task: 'drop', argv: environment.dropArgv(7), at }
        expect(await runAndKill(bench, run), at).toBe('SIGKILL')
        await bench.task('drop', environment.dropArgv(7))

        expect(await bench.databases(), at).toContain(`~${environment.uid}`)
        expect(await bench.databases(), at).not.toContain(environment.names.database)
        expect(await withinReach(), at).not.toContain(`~${environment.uid}`)
        expect(await filesOf(environment), at).toBe(0)
        expect(await readdir(join(bench.places.tombstones, environment.uid)), at).not.toEqual([])

        const next = await makeEnvironment(bench, `d${index}-${hosting}`, { hosting })
        await bench.task('claim', next.claimArgv)
        expect(await isComplete(next), at).toBe(true)
        await bench.task('drop', next.dropArgv(0))
        await bench.task('purge', [`--environment-uid=${environment.uid}`])
        expect(await bench.databases(), at).not.toContain(`~${environment.uid}`)
        expect(await rolesLike(environment.uid), at).toEqual([])
      }
    },
    400_000,
  )

  test('an import that is killed anywhere leaves the template of before, or the new one', async () => {
    const argv = [...templateArgv('18', 'base'), '--rev=2']
    await bench.task('standby-drop', ['--edition=basic', '--major=18'])
    const points: readonly Point[] = [
      'create:end',
      'restore:end',
      'check:end',
      'publish:begin',
      'publish:end',
    ]
    for (const at of points) {
      await bench.ask(
        'pulse',
        "UPDATE odoo.template SET details = jsonb_set(details, '{seed}', '\"old\"') RETURNING 1",
      )
      expect(await runAndKill(bench, { task: 'template', argv, at }), at).toBe('SIGKILL')
      const environment = await makeEnvironment(bench, `tpl-${points.indexOf(at)}`)
      await bench.task('claim', environment.claimArgv)
      expect(await isComplete(environment), at).toBe(true)
      await bench.task('template', argv)
      expect(await unfinished(), at).toEqual([])
      await bench.task('drop', environment.dropArgv(0))
    }
  }, 300_000)

  async function isComplete({ names }: TestEnvironment): Promise<boolean> {
    const owner = await bench.ask(
      'postgres',
      'SELECT pg_get_userbyid(datdba)::text FROM pg_database WHERE datname = $1',
      [names.database],
    )
    const url = await bench.ask(
      names.database,
      "SELECT value FROM ir_config_parameter WHERE key = 'web.base.url'",
    )
    const strangers = await bench.ask(
      names.database,
      "SELECT count(*)::int FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relowner <> $1::regrole",
      [`"${names.role}"`],
    )
    return (
      owner[0] === names.role && url[0] === `http://${names.hostname}:8080` && strangers[0] === 0
    )
  }

  async function unfinished(): Promise<readonly string[]> {
    return (await bench.databases()).filter((name) => /^(filling|claim)_/.test(name))
  }

  function rolesLike(text: string): Promise<readonly unknown[]> {
    return bench.ask('postgres', 'SELECT rolname FROM pg_roles WHERE rolname LIKE $1', [
      `%${text}%`,
    ])
  }
})
