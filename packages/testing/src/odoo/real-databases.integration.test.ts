import type { OdooMajor } from '@pulse/api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type FixtureName,
  fixturesMissing,
  restoreFixture,
  unpackFixtureFilestore,
} from '../fixtures.ts'
import { createTestDatabase, type TestDatabase, testPostgres } from '../postgres.ts'
import { runOdoo, sql, startPool, type TestServer } from './site.testing.ts'
import { createVisitor } from './visitor.testing.ts'

const fixtures: readonly (readonly [OdooMajor, FixtureName])[] = [
  ['17', 'odoo17-biz'],
  ['18', 'odoo18-biz'],
  ['19', 'odoo19-biz'],
]

/** Signals a change as real Odoo of each major does. */
const signals: Readonly<Record<OdooMajor, string>> = {
  17: `SELECT nextval('base_cache_signaling_default')`,
  18: `SELECT nextval('base_cache_signaling_default')`,
  19: 'INSERT INTO orm_signaling_default DEFAULT VALUES',
}

const reason = fixturesMissing === undefined ? '' : ` (skipped: ${fixturesMissing})`

describe.skipIf(fixturesMissing !== undefined).each(fixtures)(
  `on a real database of Odoo %s${reason}`,
  (major, fixture) => {
    const company = 'Тест ЕООД'
    let database: TestDatabase
    let server: TestServer
    const visitor = (host = database.name) => createVisitor(server.odoo.httpPort, host)

    beforeAll(async () => {
      database = await createTestDatabase()
      await restoreFixture(fixture, database, testPostgres())
      server = await startPool(major)
      await unpackFixtureFilestore(fixture, server.dataDir, database.name)
    })
    afterAll(async () => {
      await server[Symbol.asyncDispose]()
      await database.drop()
    })

    test('the owner logs in with the real password and sees the company', async () => {
      const owner = visitor()
      expect((await owner.get('/web/login')).text).toContain(company)
      expect((await owner.logIn('admin', 'nonsense')).text).toContain('Wrong login/password')
      const answer = await owner.logIn('admin', 'admin')
      expect(answer.status).toBe(303)
      expect((await owner.get(String(answer.headers.location))).text).toContain(company)
      expect(await owner.json('/web/session/get_session_info', {})).toMatchObject({
        result: { db: database.name, username: 'admin', server_version: `${major}.0` },
      })
    })

    test('XML-RPC authenticates and reads', async () => {
      const client = visitor('127.0.0.1')
      const denied = await client.xmlRpc(
        '/xmlrpc/2/common',
        'authenticate',
        database.name,
        'admin',
        'no',
        {},
      )
      expect(denied).toContain('<boolean>0</boolean>')
      const uid = await client.xmlRpc(
        '/xmlrpc/2/common',
        'authenticate',
        database.name,
        'admin',
        'admin',
        {},
      )
      expect(uid).toContain('<int>2</int>')
      const read = (model: string, fields: string[]) =>
        client.xmlRpc(
          '/xmlrpc/2/object',
          'execute_kw',
          database.name,
          2,
          'admin',
          model,
          'search_read',
          [[]],
          {
            fields,
            limit: 1,
          },
        )
      expect(await read('res.company', ['name', 'currency_id'])).toMatch(
        /Тест ЕООД[\s\S]*(EUR|BGN)/,
      )
      expect(await read('res.users', ['name', 'login'])).toContain('<name>login</name>')
      const refused = await client.xmlRpc(
        ...([
          '/xmlrpc/2/object',
          'execute_kw',
          database.name,
          2,
          'wrong',
          'res.partner',
          'search',
          [[]],
        ] as const),
      )
      expect(refused).toMatch(/faultCode[\s\S]*<int>3<\/int>/)
    })

    test('a partner that was created is there, in SQL and by name', async () => {
      const client = visitor('127.0.0.1')
      const call = (method: string, ...args: unknown[]) =>
        client.xmlRpc(
          '/xmlrpc/2/object',
          'execute_kw',
          database.name,
          2,
          'admin',
          'res.partner',
          method,
          args,
        )
      expect(await call('create', { name: 'Ново <ООД>', email: 'a@example.com' })).toContain(
        '<int>',
      )
      expect(
        await sql(
          database.name,
          `SELECT email, active FROM res_partner WHERE complete_name = 'Ново <ООД>'`,
        ),
      ).toEqual([{ email: 'a@example.com', active: true }])
      expect(await call('name_search', 'Ново')).toContain('Ново &lt;ООД&gt;')
    })

    test('a file of the filestore comes as it is, to those who may see it', async () => {
      const [file] = await sql(
        database.name,
        `SELECT id, file_size FROM ir_attachment
       WHERE store_fname IS NOT NULL AND NOT COALESCE(public, false) AND file_size > 0 AND url IS NULL LIMIT 1`,
      )
      const owner = visitor()
      expect((await owner.get(`/web/content/${file?.id}`)).status).toBe(404)
      await owner.logIn('admin', 'admin')
      const page = await owner.get(`/web/content/${file?.id}`)
      expect(page.status).toBe(200)
      expect(page.body.length).toBe(file?.file_size)
    })

    test('what is cached stays until the database signals a change', async () => {
      const guest = visitor()
      await guest.get('/web/login')
      await sql(database.name, `UPDATE res_company SET name = 'Друга' WHERE id = 1`)
      expect((await guest.get('/web/login')).text).toContain(company)
      await sql(database.name, signals[major])
      expect((await guest.get('/web/login')).text).toContain('Друга')
      await sql(database.name, 'UPDATE res_company SET name = $1 WHERE id = 1', [company])
      await sql(database.name, signals[major])
    })

    test('an update says which modules it went through, and signals the registry', async () => {
      await visitor().get('/web/login')
      const { status, output } = await runOdoo(
        major,
        '-d',
        database.name,
        '-u',
        'web',
        '--stop-after-init',
      )
      expect(status).toBe(0)
      expect(output).toContain('Module web loaded')
      await visitor().get('/web/login')
      expect(server.odoo.log()).toContain('Reloading the model registry after database signaling.')
    })

    test('neutralising stops mail and every schedule but one', async () => {
      expect((await runOdoo(major, 'neutralize', '-d', database.name)).status).toBe(0)
      expect(await sql(database.name, 'SELECT count(*)::int FROM ir_cron WHERE active')).toEqual([
        { count: 1 },
      ])
      expect(await sql(database.name, 'SELECT smtp_host FROM ir_mail_server WHERE active')).toEqual(
        [{ smtp_host: 'invalid' }],
      )
    })
  },
)
