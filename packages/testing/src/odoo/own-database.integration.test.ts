import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../postgres.ts'
import { runOdoo, sql, startPool, type TestServer } from './site.testing.ts'
import { createVisitor } from './visitor.testing.ts'

describe.each(['17', '18', '19'] as const)('a database of its own, as Odoo %s', (major) => {
  let database: TestDatabase
  let server: TestServer
  const visitor = (host = database.name) => createVisitor(server.odoo.httpPort, host)

  beforeAll(async () => {
    database = await createTestDatabase()
    const install = await runOdoo(major, '-d', database.name, '-i', 'base', '--stop-after-init')
    expect(install).toMatchObject({ status: 0 })
    server = await startPool(major)
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    await database.drop()
  })

  test('installing again changes nothing', async () => {
    const before = await sql(database.name, 'SELECT * FROM ir_config_parameter ORDER BY id')
    await runOdoo(major, '-d', database.name, '-i', 'base', '--stop-after-init')
    expect(await sql(database.name, 'SELECT * FROM ir_config_parameter ORDER BY id')).toEqual(
      before,
    )
  })

  test('the right password opens the company’s page, a wrong one says so', async () => {
    const guest = visitor()
    expect((await guest.logIn('admin', 'wrong')).text).toContain('Wrong login/password')
    expect((await guest.get('/web')).headers.location).toMatch(/^\/web\/login\?redirect=/)

    const owner = visitor()
    const answer = await owner.logIn('admin', 'admin')
    expect(answer.status).toBe(303)
    expect(answer.headers['set-cookie']?.[0]).toMatch(/; HttpOnly; .*SameSite=Lax/)
    const home = await owner.get(String(answer.headers.location))
    expect(home.text).toContain('My Company')
    expect(home.text).toContain(database.name)
    expect(home.text).toContain(`pulse runtime install ${major}`)
  })

  test('neutralising leaves one schedule and says that it was done', async () => {
    await using copy = await createTestDatabase()
    await runOdoo(major, '-d', copy.name, '-i', 'base', '--stop-after-init')
    expect((await runOdoo(major, 'neutralize', '-d', copy.name)).status).toBe(0)
    expect(await sql(copy.name, 'SELECT cron_name FROM ir_cron WHERE active')).toEqual([
      { cron_name: 'Base: Auto-vacuum internal data' },
    ])
    expect(
      await sql(
        copy.name,
        `SELECT value FROM ir_config_parameter WHERE key = 'database.is_neutralized'`,
      ),
    ).toEqual([{ value: 'true' }])
    expect(await sql(copy.name, 'SELECT smtp_host FROM ir_mail_server WHERE active')).toEqual([
      { smtp_host: 'invalid' },
    ])
  })
})

describe('a tenant of a pool', () => {
  let database: TestDatabase
  let server: TestServer
  const visitor = (host = database.name) => createVisitor(server.odoo.httpPort, host)

  beforeAll(async () => {
    database = await createTestDatabase()
    const install = await runOdoo('18', '-d', database.name, '-i', 'base', '--stop-after-init')
    expect(install).toMatchObject({ status: 0 })
    server = await startPool('18')
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    await database.drop()
  })

  /** What a change by another process would do. */
  const signalCaches = () => sql(database.name, `SELECT nextval('base_cache_signaling_default')`)

  test('health asks no database for anything', async () => {
    const page = await visitor('127.0.0.1').get('/web/health')
    expect(page).toMatchObject({ status: 200, httpVersion: '1.0', text: '{"status":"pass"}' })
    expect(page.headers['set-cookie']).toBeUndefined()
  })

  test('a form without its token is refused', async () => {
    const answer = await visitor().submit('/web/login', { login: 'admin', password: 'admin' })
    expect(answer.status).toBe(400)
  })

  test('a login has a new session, and logging out ends it', async () => {
    const owner = visitor()
    await owner.get('/web/login')
    const before = owner.cookie()
    await owner.logIn('admin', 'admin')
    expect(owner.cookie()).not.toBe(before)
    const inside = owner.cookie()
    await owner.get('/web/session/logout')
    const page = await visitor().get('/web', { cookie: inside })
    expect(page.headers.location).toMatch(/login/)
  })

  test('an uploaded file lies in the filestore under its SHA-1 and comes back as it was', async () => {
    const owner = visitor()
    await owner.logIn('admin', 'admin')
    const token = /csrf_token" value="([^"]+)/.exec((await owner.get('/web/login')).text)?.[1] ?? ''
    const content = randomBytes(300_000)
    const send = (csrfToken: string) => {
      const form = new FormData()
      form.set('ufile', new Blob([content], { type: 'image/png' }), 'picture.png')
      form.set('csrf_token', csrfToken)
      return multipart(form)
    }
    const refused = await send('wrong')
    const path = '/web/binary/upload_attachment'
    expect((await owner.post(path, refused.body, refused.headers)).status).toBe(400)

    const accepted = await send(token)
    const [file] = JSON.parse((await owner.post(path, accepted.body, accepted.headers)).text)
    expect(file).toMatchObject({ filename: 'picture.png', mimetype: 'image/png', size: 300_000 })
    const [row] = await sql(database.name, 'SELECT * FROM ir_attachment WHERE id = $1', [file.id])
    const sha1 = createHash('sha1').update(content).digest('hex')
    expect(row).toMatchObject({ checksum: sha1, store_fname: `${sha1.slice(0, 2)}/${sha1}` })
    expect((await owner.get(`/web/content/${file.id}`)).body.equals(content)).toBe(true)
  })

  test('another host sees no database, and nothing of this one', async () => {
    const stranger = visitor('nobody.localhost')
    const answer = await stranger.get('/web/login')
    expect(answer).toMatchObject({ status: 303 })
    expect(answer.headers.location).toBe('/web/database/selector')
    expect((await stranger.get('/web/database/selector')).text).not.toContain(database.name)
  })

  test('the forwarded host decides, and the session of another host does not count', async () => {
    const proxied = await visitor('127.0.0.1').get('/web/login', {
      'x-forwarded-host': database.name,
    })
    expect(proxied.status).toBe(200)
    const owner = visitor()
    await owner.logIn('admin', 'admin')
    const elsewhere = await visitor('nobody.localhost').get('/web', { cookie: owner.cookie() })
    expect(elsewhere.headers.location).toBe('/web/database/selector')
  })

  test('sessions survive a restart, and end when the password changes', async () => {
    const owner = visitor()
    await owner.logIn('admin', 'admin')
    const cookie = owner.cookie()
    await using restarted = await startPool('18', [`--data-dir=${server.dataDir}`])
    const later = createVisitor(restarted.odoo.httpPort, database.name)
    expect((await later.get('/odoo', { cookie })).status).toBe(200)

    const hash = `(SELECT password FROM res_users WHERE login = 'admin')`
    const [{ password } = {}] = await sql(database.name, `SELECT ${hash} AS password`)
    await sql(database.name, `UPDATE res_users SET password = $1 WHERE login = 'admin'`, ['other'])
    await signalCaches()
    expect((await later.get('/odoo', { cookie })).status).toBe(303)
    await sql(database.name, `UPDATE res_users SET password = $1 WHERE login = 'admin'`, [password])
    await signalCaches()
  })

  test('an administrator’s login takes over the base URL only while it is not frozen', async () => {
    const key = `key = 'web.base.url'`
    const url = () => sql(database.name, `SELECT value FROM ir_config_parameter WHERE ${key}`)
    await visitor().logIn('admin', 'admin')
    expect(await url()).toEqual([{ value: `http://${database.name}` }])

    await sql(database.name, `UPDATE ir_config_parameter SET value = 'https://frozen' WHERE ${key}`)
    await sql(
      database.name,
      `INSERT INTO ir_config_parameter (key, value) VALUES ('web.base.url.freeze', 'True')`,
    )
    await signalCaches()
    await visitor().logIn('admin', 'admin')
    expect(await url()).toEqual([{ value: 'https://frozen' }])
  })
})

/** The form as its bytes, with the header that names their boundary. */
async function multipart(form: FormData) {
  const response = new Response(form)
  const type = response.headers.get('content-type') ?? ''
  return { body: Buffer.from(await response.arrayBuffer()), headers: { 'content-type': type } }
}
