import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
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

/** What a database may hold that runs by itself: it tries to become an administrator, and swallows that it cannot. */
const trap = `
CREATE FUNCTION seize() RETURNS trigger LANGUAGE plpgsql AS $trap$
BEGIN
  INSERT INTO sprung VALUES (current_user, session_user);
  BEGIN EXECUTE 'RESET ROLE'; CREATE ROLE seized SUPERUSER; EXCEPTION WHEN OTHERS THEN NULL; END;
  BEGIN EXECUTE 'RESET SESSION AUTHORIZATION'; CREATE ROLE seized SUPERUSER; EXCEPTION WHEN OTHERS THEN NULL; END;
  BEGIN EXECUTE format('ALTER ROLE %I SUPERUSER', session_user); EXCEPTION WHEN OTHERS THEN NULL; END;
  RETURN NULL;
END $trap$;
CREATE TABLE sprung (as_user text, as_session text);
CREATE TRIGGER seize AFTER UPDATE OR INSERT ON res_users FOR EACH STATEMENT EXECUTE FUNCTION seize();
CREATE TRIGGER seize AFTER UPDATE OR INSERT ON res_company FOR EACH STATEMENT EXECUTE FUNCTION seize();
ALTER TABLE res_users ENABLE ALWAYS TRIGGER seize;
CREATE FUNCTION overtaken() RETURNS text LANGUAGE plpgsql AS $trap$
BEGIN
  BEGIN CREATE ROLE seized SUPERUSER; EXCEPTION WHEN OTHERS THEN NULL; END;
  RETURN 'active';
END $trap$;
ALTER TABLE res_lang RENAME TO res_lang_real;
CREATE VIEW res_lang AS SELECT *, overtaken() AS trap FROM res_lang_real;
`

describe.skipIf(!hasFixtures)(`a hostile dump (${whyNoFixtures})`, () => {
  let bench: Bench

  beforeAll(async () => {
    bench = await openBench()
  })
  afterAll(() => bench[Symbol.asyncDispose]())

  /** The fixture with the trap in it, as its owner would dump it. */
  async function trappedDump(): Promise<string> {
    const { server, stateDir } = bench
    const database = `trap_${randomBytes(4).toString('hex')}`
    const file = join(stateDir, 'trapped.dump')
    const place = ['-h', server.socketFolder, '-p', String(server.port), '-U', server.user]
    const [source = ''] = templateArgv('18', 'base').flatMap((flag) =>
      flag.startsWith('--dump=') ? [flag.slice('--dump='.length)] : [],
    )
    const options = { timeout: 120_000 }
    await bench.ask('postgres', `CREATE DATABASE ${database}`)
    execFileSync(
      join(server.programs, 'pg_restore'),
      [...place, '-O', '-x', '-d', database, source],
      options,
    )
    await bench.ask(database, trap)
    execFileSync(join(server.programs, 'pg_dump'), [...place, '-Fc', '-f', file, database], options)
    await bench.ask('postgres', `DROP DATABASE ${database}`)
    return file
  }

  const superusers = () =>
    bench.ask('postgres', 'SELECT rolname FROM pg_roles WHERE rolsuper ORDER BY 1')
  const sessions = () =>
    bench.ask('postgres', "SELECT rolname FROM pg_roles WHERE rolname LIKE '%-session'")

  test('what runs by itself in a dump never runs with an administrator’s rights, from import to claim', async () => {
    const before = await superusers()
    const argv = templateArgv('18', 'base').filter((flag) => !flag.startsWith('--dump='))
    await bench.task('template', [...argv, `--dump=${await trappedDump()}`])
    expect(await superusers()).toEqual(before)

    const environment = await makeEnvironment(bench, 'trapped')
    await bench.task('claim', environment.claimArgv)
    expect(await superusers()).toEqual(before)
    expect(await sessions()).toEqual([])

    // It did run: at the import, the filling and the personalisation, each time as a login of its own.
    const { database } = environment.names
    const ran = await bench.ask(database, 'SELECT DISTINCT as_session FROM sprung ORDER BY 1')
    expect(ran.length).toBeGreaterThan(2)
    expect(ran.filter((name) => !String(name).endsWith('-session'))).toEqual([])
  }, 300_000)
})
