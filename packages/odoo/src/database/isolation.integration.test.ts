import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  askAsWorker,
  type Bench,
  hasFixtures,
  makeEnvironment,
  makePoolRole,
  openBench,
  whyNoFixtures,
} from '../bench.suite.ts'

describe.skipIf(!hasFixtures)(`isolation of roles (${whyNoFixtures})`, () => {
  let bench: Bench
  let units: { secret: string; own: string; others: string[] }[]

  beforeAll(async () => {
    bench = await openBench()
    await bench.importTemplate('18', 'base')
    const pool = await makePoolRole(bench, '18')
    const [shared, first, second] = await Promise.all([
      makeEnvironment(bench, 'pooled'),
      makeEnvironment(bench, 'first', { hosting: 'instance' }),
      makeEnvironment(bench, 'second', { hosting: 'instance' }),
    ])
    for (const { claimArgv } of [shared, first, second]) await bench.task('claim', claimArgv)
    await bench.task('fill', ['--id=waiting', '--edition=basic', '--major=18', '--hosting=pool'])
    const databases = [shared, first, second].map(({ names }) => names.database)
    const alien = ['standby_waiting', 'basic-template-18.localhost', 'template1', 'pulse']
    units = [pool, first.databaseSecret, second.databaseSecret].map((secret, index) => ({
      secret,
      own: databases[index] ?? '',
      others: [...databases.filter((_, other) => other !== index), ...alien],
    }))
  })
  afterAll(() => bench[Symbol.asyncDispose]())

  const everyUnit = [0, 1, 2].map((index) => ({ index }))
  const unit = (index: number) => {
    const found = units[index]
    if (found === undefined) throw new Error('no such unit')
    return found
  }

  test.each(everyUnit)(
    'unit $index works in its own database and sees the list',
    async ({ index }) => {
      const { secret, own } = unit(index)
      expect(await askAsWorker(bench, secret, own, 'SELECT count(*)::int FROM res_company')).toBe(1)
      expect(await askAsWorker(bench, secret, own, 'CREATE TABLE trial (id int)')).toBeUndefined()
      const listed = await askAsWorker(
        bench,
        secret,
        'postgres',
        `SELECT json_agg(datname) FROM pg_database d JOIN pg_user u ON u.usesysid = d.datdba WHERE u.usename = current_user AND NOT datistemplate AND datallowconn`,
      )
      expect(listed).toEqual([own])
      expect(await askAsWorker(bench, secret, 'postgres', 'LISTEN cron_trigger')).toBeUndefined()
    },
  )

  test.each(everyUnit)(
    'unit $index enters, drops and takes over nothing else',
    async ({ index }) => {
      const { secret, own, others } = unit(index)
      for (const other of others) {
        await expect(askAsWorker(bench, secret, other, 'SELECT 1'), other).rejects.toThrow(
          /permission denied for database|not currently accepting/,
        )
        for (const statement of [
          `DROP DATABASE "${other}"`,
          `ALTER DATABASE "${other}" RENAME TO mine`,
          `ALTER DATABASE "${other}" OWNER TO CURRENT_USER`,
          `GRANT CONNECT ON DATABASE "${other}" TO PUBLIC`,
        ]) {
          const tried = askAsWorker(bench, secret, 'postgres', statement)
          // PostgreSQL only warns when a grant has no effect.
          if (statement.startsWith('GRANT')) await tried.catch(() => undefined)
          else await expect(tried, statement).rejects.toThrow(/must be|permission denied|template/)
        }
        await expect(askAsWorker(bench, secret, other, 'SELECT 1'), other).rejects.toThrow()
      }
      expect(await askAsWorker(bench, secret, own, 'SELECT 1')).toBe(1)
    },
  )

  test.each(everyUnit)(
    'unit $index gains no rights and leaves nothing on `postgres`',
    async ({ index }) => {
      const { secret } = unit(index)
      for (const statement of [
        'CREATE DATABASE more',
        'CREATE ROLE more',
        'ALTER ROLE CURRENT_USER SUPERUSER',
        'ALTER ROLE CURRENT_USER CREATEDB',
        'CREATE TABLE trace (id int)',
        'CREATE TEMPORARY TABLE trace (id int)',
        'CREATE SCHEMA trace',
        'SET ROLE postgres',
        `SELECT pg_read_file('/etc/passwd')`,
        `COPY (SELECT 1) TO PROGRAM 'true'`,
        'SELECT rolpassword FROM pg_authid',
      ]) {
        await expect(askAsWorker(bench, secret, 'postgres', statement), statement).rejects.toThrow()
      }
    },
  )

  test('a role of one unit cannot end the sessions of another or become it', async () => {
    const victims = await bench.ask(
      'postgres',
      "SELECT rolname FROM pg_roles WHERE rolname LIKE 'instance-%'",
    )
    expect(victims.length).toBe(2)
    for (const victim of victims) {
      await expect(
        askAsWorker(bench, unit(0).secret, 'postgres', `SET ROLE "${victim}"`),
      ).rejects.toThrow(/permission denied/)
    }
  })

  /** In which words those are refused who ask for ten connections more than a quarter of all. */
  async function refusalsOfCrowd(index: number): Promise<readonly string[]> {
    const { secret, own } = unit(index)
    const [most] = await bench.ask('postgres', `SELECT current_setting('max_connections')`)
    const part = Math.floor(Number(most) / 4)
    const crowd = Array.from({ length: part + 10 }, () =>
      askAsWorker(bench, secret, own, 'SELECT pg_sleep(5)'),
    )
    const ended = Promise.allSettled(crowd)
    const other = unit((index + 1) % units.length)
    expect(await askAsWorker(bench, other.secret, other.own, 'SELECT 1')).toBe(1)
    return (await ended).flatMap((outcome) =>
      outcome.status === 'rejected' ? [String(outcome.reason)] : [],
    )
  }

  test.each(everyUnit.slice(1))(
    'instance $index takes no more than its part of all connections',
    async ({ index }) => {
      const refusals = await refusalsOfCrowd(index)
      expect(refusals.length).toBeGreaterThanOrEqual(10)
      // A session that has just been left may still count.
      expect(refusals.length).toBeLessThan(20)
      for (const refusal of refusals) expect(refusal).toMatch('too many connections for role')
    },
  )

  test('the processes of a pool, which keep connections to many databases, are not refused them', async () => {
    expect(await refusalsOfCrowd(0)).toEqual([])
  })

  test('a deleted environment is out of reach, whole, until its time is over', async () => {
    const { claimArgv, dropArgv, uid, names } = await makeEnvironment(bench, 'undo', {
      hosting: 'instance',
    })
    await bench.task('claim', claimArgv)
    const secret = `${names.namespace}/${names.databaseSecret}`
    await bench.task('drop', dropArgv(7))
    await expect(askAsWorker(bench, secret, names.database, 'SELECT 1')).rejects.toThrow()
    await expect(askAsWorker(bench, secret, `~${uid}`, 'SELECT 1')).rejects.toThrow()
    await bench.task('purge', [])
    await bench.ask('postgres', `ALTER DATABASE "~${uid}" ALLOW_CONNECTIONS true`)
    expect(await bench.ask(`~${uid}`, 'SELECT login FROM res_users WHERE id = 2')).toEqual([
      'ceo@undo.test',
    ])
    await expect(askAsWorker(bench, secret, `~${uid}`, 'SELECT 1')).rejects.toThrow()
    await bench.task('purge', [], { now: () => new Date(Date.now() + 8 * 86_400_000) })
    expect(await bench.databases()).not.toContain(`~${uid}`)
  })
})
