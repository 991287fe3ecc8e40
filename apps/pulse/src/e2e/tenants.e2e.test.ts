import { fileURLToPath } from 'node:url'
import { createAdministration, withConnection } from '@pulse/odoo'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openWebsocket } from './open-websocket.suite.ts'
import { type PulseUnderTest, startPulse } from './pulse-under-test.suite.ts'
import {
  administrationOf,
  createTenant,
  expectNoWayToServers,
  query,
  secretValues,
  type Tenant,
  visit,
  workersIn,
} from './tenant.suite.ts'

const acmeFile = fileURLToPath(new URL('../../../../infra/machine/acme.yaml', import.meta.url))
const asRoot = process.getuid?.() === 0
let pulse: PulseUnderTest

beforeAll(async () => {
  pulse = await startPulse()
})
afterAll(() => pulse.cleanUp())

describe('a tenant of a pool', () => {
  let shop: Tenant

  test('is made by `pulse create` and answers with its login page', async () => {
    const flags = ['--company', 'Shop & Sons', '--alias', 'www.shop.example']
    shop = await createTenant(pulse, 'shop', ...flags)
    expect(shop).toMatchObject({
      url: `http://shop.localhost:${await pulse.httpPort()}`,
      login: 'owner@shop.example',
    })
    const page = await (await visit(pulse, shop.hostname)).get('/web/login')
    expect(page).toMatchObject({ status: 200 })
    expect(page.text).toContain('Shop &amp; Sons')
  })

  test('lets its owner in and nobody else', async () => {
    const visitor = await visit(pulse, shop.hostname)
    expect((await visitor.logIn(shop.login, 'wrong')).text).toContain('Wrong login/password')
    expect(await visitor.logIn(shop.login, shop.password)).toMatchObject({ status: 303 })
    const { result } = await visitor.json('/web/session/get_session_info', {})
    expect(result).toMatchObject({
      db: 'shop.localhost',
      username: 'owner@shop.example',
      'web.base.url': shop.url,
    })
  })

  test('is led to from its alias', async () => {
    const page = await (await visit(pulse, 'www.shop.example')).get('/web/login?redirect=%2Fodoo')
    expect(page.status).toBe(308)
    expect(new URL(String(page.headers.location), 'http://www.shop.example').href).toBe(
      `${shop.url}/web/login?redirect=%2Fodoo`,
    )
  })

  test('opens a websocket through the gateway', async () => {
    expect(await openWebsocket(await pulse.httpPort(), shop.hostname)).toBe(101)
  })
})

describe('a tenant with workers of its own', () => {
  let maker: Tenant

  test('is made with a database, a role and an OS user of its own', async () => {
    maker = await createTenant(pulse, 'maker', '--tier', 'pro', '--hosting', 'instance')
    const page = await (await visit(pulse, maker.hostname)).get('/web/login')
    expect(page.status).toBe(200)
    const owners = await query(
      pulse,
      `SELECT datname, pg_get_userbyid(datdba) AS owner FROM pg_database
       WHERE datname IN ('maker.localhost', 'shop.localhost') ORDER BY 1`,
    )
    expect(owners).toEqual([
      { datname: 'maker.localhost', owner: 'instance-maker' },
      { datname: 'shop.localhost', owner: 'plana_odoo_18' },
    ])
  })

  test('cannot connect to the database of another tenant', async () => {
    const objects = await pulse.objects()
    const secret = await objects.get({
      apiVersion: 'v1',
      kind: 'Secret',
      namespace: 'instance-maker',
      name: 'odoo-secrets',
    })
    const { PGUSER, PGPASSWORD } = secretValues(secret)
    const { tenant } = await administrationOf(pulse)
    const asMaker = createAdministration({
      admin: { ...tenant, user: PGUSER, password: PGPASSWORD },
      tenant,
    })
    const whoAmI = (database: string) =>
      withConnection(asMaker, { database }, (connection) => connection.query('SELECT current_user'))
    expect(await whoAmI('maker.localhost')).toEqual([{ current_user: 'instance-maker' }])
    await expect(whoAmI('shop.localhost')).rejects.toMatchObject({ code: '42501' })
  })

  test.skipIf(!asRoot)('runs as a user whom no other tenant has (needs root)', async () => {
    const [own, pool] = await Promise.all([
      workersIn(pulse, 'instance-maker'),
      workersIn(pulse, 'plana-odoo-18'),
    ])
    expect([own.length, pool.length]).toEqual([1, 1])
    expect(new Set([0, ...own.map(({ uid }) => uid), ...pool.map(({ uid }) => uid)]).size).toBe(3)
  })
})

describe('the gateway', () => {
  test('lets XML-RPC reach the database of its host and no other', async () => {
    const login = ['owner@maker.example', 'whatever', {}] as const
    const visitor = await visit(pulse, 'shop.localhost')
    const own = await visitor.xmlRpc('/xmlrpc/2/common', 'authenticate', 'shop.localhost', ...login)
    expect(own).toContain('<boolean>0</boolean>')
    const other = await visitor.xmlRpc(
      '/xmlrpc/2/common',
      'authenticate',
      'maker.localhost',
      ...login,
    )
    expect(other).toContain('<fault>')
    expect(other).not.toContain('maker')
  })

  test.each([
    '/web/database/manager',
    '/web/database/selector',
    '/web//database/list',
    '/web/%64atabase/backup',
  ])('refuses %s', async (path) => {
    expect((await (await visit(pulse, 'shop.localhost')).get(path)).status).toBe(403)
  })

  test('is no way to the servers themselves: nobody seals one, runs schedules or asks who is served', async () => {
    await expectNoWayToServers(await visit(pulse, 'shop.localhost'), 'acme.localhost')
  })

  test('knows only tenants', async () => {
    expect((await (await visit(pulse, 'nobody.localhost')).get('/web/login')).status).toBe(404)
  })
})

describe('the command line', () => {
  test('applies what is written in a file, and waits until it is ready', async () => {
    const applied = await pulse.pulse('apply', '-f', acmeFile)
    expect(applied).toMatchObject({ exitCode: 0, stdout: 'planaclient/acme created\n' })
    expect(await pulse.pulse('wait', 'planaclient', 'acme')).toMatchObject({ exitCode: 0 })
    const served = `--for=jsonpath={.status.url}=http://acme.localhost:${await pulse.httpPort()}`
    expect(await pulse.pulse('wait', 'pc', 'acme', served)).toMatchObject({ exitCode: 0 })
    const again = await pulse.pulse('apply', '-f', acmeFile)
    expect(again).toMatchObject({ exitCode: 0, stdout: 'planaclient/acme unchanged\n' })
    const page = await (await visit(pulse, 'acme.localhost')).get('/web/login')
    expect(page.text).toContain('Acme Corp')
  })

  test('lists, describes and opens tenants', async () => {
    const { stdout: table } = await pulse.pulse('get', 'planaclients')
    expect(table).toMatch(/^NAME +TIER +VERSION +STATUS +SYNCED +READY +URL +AGE$/m)
    expect(table).toMatch(
      /^acme +starter +18 +active +True +True +http:\/\/acme\.localhost:\d+ +\d+s$/m,
    )
    const { stdout: description } = await pulse.pulse('describe', 'tenantenvironment', 'acme-prod')
    for (const type of ['Ready', 'DatabaseReady', 'FilestoreReady', 'WorkersReady', 'RouteReady']) {
      expect(description).toMatch(new RegExp(`${type} +True`))
    }
    const { stdout: url } = await pulse.pulse('open', 'acme', '--print')
    expect(url).toBe(`http://acme.localhost:${await pulse.httpPort()}\n`)
    const { stdout: story } = await pulse.pulse('describe', 'planaclient', 'acme')
    expect(story).toMatch(/OBJECT +MESSAGE\n(.*\n)*.* (tenantenvironment|job)\/\S*acme/)
  })

  test('completes the names of tenants', async () => {
    const { stdout } = await pulse.pulse('complete-words', '--', 'open', 'a')
    expect(stdout).toBe('acme\n')
  })

  test('shows the log of the worker that serves a tenant', async () => {
    const { stdout } = await pulse.pulse('logs', 'maker')
    expect(stdout).toContain('HTTP service (werkzeug) running on')
  })

  test('deletes a tenant, of which nothing answers any more', async () => {
    const deleted = await pulse.pulse('delete', 'planaclient', 'acme')
    expect(deleted).toMatchObject({ exitCode: 0 })
    expect(deleted.stderr).toContain('planaclient/acme deleted')
    expect((await (await visit(pulse, 'acme.localhost')).get('/web/login')).status).toBe(404)
    const gone = await pulse.pulse('get', 'planaclient', 'acme')
    expect(gone).toMatchObject({ exitCode: 1, stderr: 'planaclients "acme" not found\n' })
    expect(
      await query(pulse, "SELECT 1 FROM pg_database WHERE datname = 'acme.localhost'"),
    ).toEqual([])
  })
})
