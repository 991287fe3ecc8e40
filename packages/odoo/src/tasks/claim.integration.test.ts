import { pbkdf2Sync } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { odooMajors } from '@pulse/api'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  askAsWorker,
  type Bench,
  fillArgv,
  hasFixtures,
  makeEnvironment,
  makePoolRole,
  openBench,
  templateArgv,
  whyNoFixtures,
} from '../bench.suite.ts'

describe.skipIf(!hasFixtures)(`claims (${whyNoFixtures})`, () => {
  let bench: Bench

  beforeAll(async () => {
    bench = await openBench()
    for (const major of odooMajors) {
      await bench.importTemplate(major)
      await makePoolRole(bench, major)
    }
  })
  afterAll(() => bench[Symbol.asyncDispose]())

  test.each(odooMajors)('a standby of Odoo %s becomes the owner’s own', async (major) => {
    await bench.task('fill', fillArgv(`claim${major}`, major, 'pool'))
    const environment = await makeEnvironment(bench, `acme${major}`, { major })
    await bench.task('claim', environment.claimArgv)

    const { database } = environment.names
    const facts = bench.results.read(`${environment.names.namespace}/${environment.names.facts}`)
    expect(facts).toMatchObject({ database, origin: 'template' })
    const parameters = await bench.ask(
      database,
      "SELECT json_object_agg(key, value) FROM ir_config_parameter WHERE key ~ '^(database|web|report)'",
    )
    expect(parameters[0]).toMatchObject({
      'database.uuid': facts?.databaseUuid,
      'web.base.url': `http://${database}:8080`,
      'web.base.url.freeze': 'True',
      'report.url': `http://${database}:8080`,
    })
    const company = await bench.ask(
      database,
      "SELECT c.name || '|' || p.complete_name || '|' || cur.name || '|' || p.lang FROM res_company c JOIN res_partner p ON p.id = c.partner_id JOIN res_currency cur ON cur.id = c.currency_id",
    )
    const name = `acme${major} Ltd's "best"`
    expect(company).toEqual([`${name}|${name}|EUR|bg_BG`])

    const credentials = bench.results.read(environment.credentials)
    expect(credentials?.login).toBe(`ceo@acme${major}.test`)
    const [hash] = await bench.ask(database, 'SELECT password FROM res_users WHERE login = $1', [
      credentials?.login,
    ])
    expect(verifies(String(hash), credentials?.password ?? '')).toBe(true)
    const others = await bench.ask(
      database,
      'SELECT count(*)::int FROM res_users WHERE password IS NOT NULL',
    )
    expect(others).toEqual([1])
  })

  test('the files of the template are linked, read-only, in folders of the tenant alone', async () => {
    const environment = await makeEnvironment(bench, 'files')
    await bench.task('claim', environment.claimArgv)
    const folder = join(
      bench.places.volume(`${environment.names.namespace}/odoo-filestore`),
      'filestore',
      environment.names.database,
    )
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    const stored = await bench.ask(
      environment.names.database,
      'SELECT DISTINCT store_fname FROM ir_attachment WHERE store_fname IS NOT NULL',
    )
    expect(stored.length).toBeGreaterThan(100)
    for (const file of stored) {
      const found = await stat(join(folder, String(file)))
      expect(found.mode & 0o777).toBe(0o444)
      expect(found.nlink).toBeGreaterThan(1)
    }
    expect(await readdir(bench.places.staging)).toEqual([])
  })

  test('without a standby one is made for the environment, and claiming again changes nothing', async () => {
    const environment = await makeEnvironment(bench, 'direct', { hosting: 'instance' })
    await bench.task('claim', environment.claimArgv)
    const secret = bench.results.read(environment.credentials)
    await bench.task('claim', environment.claimArgv)
    expect(bench.results.read(environment.credentials)).toEqual(secret)
    const login = await askAsWorker(
      bench,
      environment.databaseSecret,
      environment.names.database,
      'SELECT login FROM res_users WHERE id = 2',
    )
    expect(login).toBe('ceo@direct.test')
  })

  test('a language that its template lacks is told, with those that it has', async () => {
    const { claimArgv, names } = await makeEnvironment(bench, 'parle')
    const french = claimArgv.map((flag) => flag.replace('--language=bg_BG', '--language=fr_FR'))
    await bench.task('claim', french)
    expect(bench.results.read(`${names.namespace}/${names.facts}`)).toMatchObject({
      note: expect.stringMatching(/^language fr_FR is not in its template, which has \w{5}/),
    })
  })

  test('a claim that comes after the deletion of its environment makes nothing, and tells nobody', async () => {
    const { claimArgv, dropArgv, names, uid } = await makeEnvironment(bench, 'late')
    await bench.task('drop', dropArgv(7))
    await expect(bench.task('claim', claimArgv)).rejects.toThrow('has been deleted')
    expect(bench.results.read(`${names.namespace}/${names.facts}`)).toBeUndefined()
    const found = (await bench.databases()).filter((name) => name.includes(uid))
    expect([
      ...found,
      ...(await bench.databases()).filter((name) => name === names.database),
    ]).toEqual([])
  })

  test('a filling that fails leaves nothing behind', async () => {
    const setRole = (role: unknown) =>
      bench.ask(
        'pulse',
        "UPDATE odoo.template SET role = $1 WHERE edition = 'basic' AND major = '18'",
        [role],
      )
    const [role] = await bench.ask(
      'pulse',
      "SELECT role FROM odoo.template WHERE edition = 'basic' AND major = '18'",
    )
    await setRole('nobody')
    const fill = bench.task('fill', fillArgv('fails', '18', 'instance'))
    await expect(fill).rejects.toThrow('role "nobody" does not exist')
    await setRole(role)
    const databases = (await bench.databases()).filter((name) => name.includes('fails'))
    const roles = await bench.ask(
      'postgres',
      "SELECT rolname FROM pg_roles WHERE rolname LIKE '%fails'",
    )
    expect([databases, roles]).toEqual([[], []])
  })

  test('a template that is replaced waits for the databases that are being made of it', async () => {
    const { administration } = bench
    const isSomebodyWaiting = async () => {
      const waiting = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
      return (await bench.ask('postgres', waiting)).length > 0
    }
    let replaced: Promise<void> | undefined
    const beginsReplacement = async (database: string, signal?: AbortSignal) => {
      // The clone is there and belongs to the template's role still.
      if (database === 'filling_meanwhile' && replaced === undefined) {
        replaced = bench.task('template', [...templateArgv('18', 'base'), '--rev=meanwhile'])
        const ended = replaced.catch(() => undefined)
        await Promise.race([ended, vi.waitUntil(isSomebodyWaiting, { timeout: 50_000 })])
      }
      return await administration.connect(database, signal)
    }
    await bench.task('fill', fillArgv('meanwhile', '18', 'pool'), {
      administration: { ...administration, connect: beginsReplacement },
    })
    await replaced
    const left = await bench.databases()
    expect(left.filter((name) => /^(filling|standby)_/.test(name))).toEqual([])
    await bench.importTemplate('18')
  })

  test('two claims at once take two databases', async () => {
    await bench.task('fill', fillArgv('only', '18', 'pool'))
    const [left, right] = await Promise.all([
      makeEnvironment(bench, 'left'),
      makeEnvironment(bench, 'right'),
    ])
    await Promise.all([
      bench.task('claim', left.claimArgv),
      bench.task('claim', right.claimArgv),
      bench.task('claim', left.claimArgv),
    ])
    for (const { names } of [left, right]) {
      const company = await bench.ask(names.database, 'SELECT name FROM res_company')
      expect(company).toEqual([`${names.label} Ltd's "best"`])
    }
    const secrets = [left, right].map(({ credentials }) => bench.results.read(credentials))
    expect(secrets[0]?.password).not.toBe(secrets[1]?.password)
  })

  test('a database of the name that is not ours is never touched', async () => {
    const environment = await makeEnvironment(bench, 'foreign')
    await bench.ask('postgres', `CREATE DATABASE "${environment.names.database}"`)
    await bench.ask(environment.names.database, 'CREATE TABLE theirs (id int)')
    await expect(bench.task('claim', environment.claimArgv)).rejects.toThrow("is not Pulse's")
    const { namespace, facts } = environment.names
    expect(bench.results.read(`${namespace}/${facts}`)?.error).toContain("is not Pulse's")
    await bench.task('drop', environment.dropArgv(0))
    expect(await bench.ask(environment.names.database, 'SELECT count(*)::int FROM theirs')).toEqual(
      [0],
    )
  })

  test.each(['18', '19'] as const)(
    'the same name over another database of Odoo %s shows signalling values never seen before',
    async (major) => {
      const first = await makeEnvironment(bench, `again${major}`, { major })
      await bench.task('claim', first.claimArgv)
      const { database } = first.names
      const table = major === '19' ? 'orm_signaling_registry' : undefined
      const read = () =>
        bench.ask(
          database,
          table === undefined
            ? 'SELECT last_value::int FROM base_registry_signaling'
            : `SELECT max(id) FROM ${table}`,
        )
      const [before] = await read()
      // A busy tenant counts far further than any stride.
      await bench.ask(
        database,
        table === undefined
          ? "SELECT setval('base_registry_signaling', 5000000)"
          : `INSERT INTO ${table} (id) SELECT setval(pg_get_serial_sequence('${table}', 'id'), 5000000)`,
      )
      await bench.task('drop', first.dropArgv(0))
      const second = await makeEnvironment(bench, `again${major}`, { major })
      await bench.task('claim', second.claimArgv)
      const [after] = await read()
      expect(Number(before)).toBeGreaterThan(0)
      expect(Number(after)).toBeGreaterThan(5_000_000)
    },
  )
})

/** passlib's check, written from the format's description. */
function verifies(hash: string, password: string): boolean {
  const [, , rounds, salt = '', key = ''] = hash.split('$')
  const bytes = (text: string) => Buffer.from(text.replaceAll('.', '+'), 'base64')
  const derived = pbkdf2Sync(password, bytes(salt), Number(rounds), 64, 'sha512')
  return derived.equals(bytes(key))
}
