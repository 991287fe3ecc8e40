import { sql, type TestDatabase, type Visitor } from '@pulse/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type GuardedOdoo, shakeHands, startGuardedOdoo } from './guarded-odoo.suite.ts'
import { odooOrFixturesMissing as missing, odooSource } from './real-odoo.suite.ts'
import { restoreOdoo } from './restored-odoo.suite.ts'
import { createTenantRole } from './tenant-role.suite.ts'

const role = { name: 'unopened_database_test', password: 'secret' }

describe.skipIf(missing !== undefined)(
  `a database that Odoo 18 cannot open (${missing ?? 'real'})`,
  () => {
    let database: TestDatabase
    let host: string

    beforeAll(async () => {
      await createTenantRole(role)
      database = await restoreOdoo(role.name)
      host = database.name
    })
    afterAll(async () => {
      await database.drop()
      await sql('postgres', `DROP ROLE ${role.name}`)
    })

    /** How it is lost to Odoo, and how it comes back. */
    const faults = (): readonly (readonly [away: string, back: string])[] => [
      // To Odoo the same as no PostgreSQL at all.
      [`ALTER ROLE ${role.name} NOLOGIN`, `ALTER ROLE ${role.name} LOGIN`],
      [`ALTER ROLE ${role.name} CONNECTION LIMIT 0`, `ALTER ROLE ${role.name} CONNECTION LIMIT -1`],
      [`ALTER DATABASE ${host} RENAME TO away`, `ALTER DATABASE away RENAME TO ${host}`],
      [
        `ALTER DATABASE ${host} ALLOW_CONNECTIONS false`,
        `ALTER DATABASE ${host} ALLOW_CONNECTIONS true`,
      ],
      [
        `REVOKE CONNECT ON DATABASE ${host} FROM public, ${role.name}`,
        `GRANT CONNECT ON DATABASE ${host} TO public, ${role.name}`,
      ],
    ]

    test.each([
      ['a pool', 0, () => []],
      ['a pool', 2, () => []],
      ['an instance', 0, () => ['--db-filter=', `--database=${host}`]],
    ])('in %s with %i workers costs nobody the session', async (_, workers, ownArguments) => {
      await using odoo = await startGuardedOdoo(odooSource, role, workers, {}, ownArguments())
      const user = await logIn(odoo)
      const cookie = user.cookie()
      for (const [away, back] of faults()) {
        await lose(away)
        try {
          await expectComeAgain(odoo, user)
        } finally {
          await sql('postgres', back)
        }
        expect((await user.get('/odoo', odoo.identity)).status, away).toBe(200)
        expect(await currentUser(odoo, user), away).toContain('"uid": 2')
        expect(user.cookie()).toBe(cookie)
        const handshake = { ...odoo.identity, Cookie: cookie }
        expect(await shakeHands(odoo.websocketPort, host, handshake)).toMatch(/^HTTP\/1\.1 101 /)
      }
    })

    test('of a pool without PostgreSQL, strangers are told to come again too', async () => {
      await using odoo = await startGuardedOdoo(odooSource, role, 0)
      await lose(`ALTER ROLE ${role.name} NOLOGIN`)
      try {
        for (const path of ['/web/login', '/', '/shop']) {
          const page = await odoo.visit(host).get(path, odoo.identity)
          expect(page.status, path).toBe(503)
          expect(page.headers['set-cookie']).toBeUndefined()
        }
      } finally {
        await sql('postgres', `ALTER ROLE ${role.name} LOGIN`)
      }
    })

    async function lose(away: string) {
      // A renaming waits for nobody, and who is cut off connects again.
      await expect
        .poll(
          async () => {
            await sql(
              'postgres',
              'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1',
              [role.name],
            )
            return await sql('postgres', away).then(() => 'away', String)
          },
          { timeout: 20_000, interval: 50 },
        )
        .toBe('away')
      await sql(
        'postgres',
        'SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = $1',
        [role.name],
      )
    }

    async function expectComeAgain(odoo: GuardedOdoo, user: Visitor) {
      for (const path of ['/odoo', '/web', '/web/login', '/']) {
        const page = await user.get(path, odoo.identity)
        expect(page.status, path).toBe(503)
        expect(page.headers['retry-after']).toBe('5')
        expect(page.headers['set-cookie']).toBeUndefined()
      }
      expect(await currentUser(odoo, user)).toMatch(/^The database cannot be reached/)
      const handshake = { ...odoo.identity, Cookie: user.cookie() }
      expect(await shakeHands(odoo.websocketPort, host, handshake)).toMatch(/^HTTP\/1\.[01] 503 /)
      // A probe asks for the process alone, a visitor may too.
      for (const headers of [{}, odoo.identity]) {
        const health = await user.get('/web/health', headers)
        expect(health).toMatchObject({ status: 200, text: '{"status": "pass"}' })
        expect(health.headers['set-cookie']).toBeUndefined()
      }
      const ready = () => odoo.visit('10.0.0.1').get(`/plana/ready?host=${host}`)
      await expect
        .poll(async () => (await ready()).status, { timeout: 5_000, interval: 200 })
        .toBe(503)
    }

    async function currentUser(odoo: GuardedOdoo, user: Visitor): Promise<string> {
      const headers = { 'content-type': 'application/json', ...odoo.identity }
      const body = '{"jsonrpc":"2.0","params":{}}'
      return (await user.post('/web/session/get_session_info', body, headers)).text
    }

    async function logIn(odoo: GuardedOdoo): Promise<Visitor> {
      const user = odoo.visit(host)
      const { text } = await user.get('/web/login', odoo.identity)
      const token = /name="csrf_token" value="([^"]+)"/.exec(text)?.[1] ?? ''
      const form = new URLSearchParams({ csrf_token: token, login: 'admin', password: 'admin' })
      const headers = { 'content-type': 'application/x-www-form-urlencoded', ...odoo.identity }
      expect((await user.post('/web/login', String(form), headers)).status).toBe(303)
      return user
    }
  },
)
