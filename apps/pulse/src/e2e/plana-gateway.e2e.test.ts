import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createVisitor, sql, type TestDatabase } from '@pulse/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type GuardedOdoo,
  runUnguarded,
  sendSlowly,
  shakeHands,
  startGuardedOdoo,
} from './guarded-odoo.suite.ts'
import { odooOrFixturesMissing as missing, odooSource } from './real-odoo.suite.ts'
import { restoreOdoo } from './restored-odoo.suite.ts'
import { createTenantRole } from './tenant-role.suite.ts'

const role = { name: 'plana_gateway_test', password: 'secret' }
const patience = { timeout: 60_000, interval: 50 }
const wrong = { 'X-Pulse-Backend': `acme-prod.6.${'0'.repeat(64)}` }
const seal = join(import.meta.dirname, '../../../../odoo/addons/plana_gateway/seal.py')

describe.skipIf(missing !== undefined)(`plana_gateway in Odoo 18 (${missing ?? 'real'})`, () => {
  let database: TestDatabase
  let host: string
  const start = (workers: number, more?: Record<string, string>) =>
    startGuardedOdoo(odooSource, role, workers, more)

  beforeAll(async () => {
    await createTenantRole(role)
    database = await restoreOdoo(role.name)
    host = database.name
  })
  afterAll(async () => {
    await database.drop()
    await sql('postgres', `DROP ROLE ${role.name}`)
  })

  test('without its identity the server does not start, and says why', async () => {
    const { status, log } = await runUnguarded(odooSource, {})
    expect(status).toBe(1)
    expect(log).toMatch(/plana_gateway: this server does not start: PULSE_BACKEND_ID is not set/)
    const keyless = { PULSE_BACKEND_ID: 'a.1', PULSE_BACKEND_KEY_FILE: '/nowhere' }
    expect((await runUnguarded(odooSource, keyless)).status).toBe(1)
  })

  describe.each([0, 2])('with %i workers', (workers) => {
    let odoo: GuardedOdoo
    beforeAll(async () => {
      odoo = await start(workers, { PULSE_REGISTRY_IDLE_SECONDS: '2' })
    })
    afterAll(() => odoo[Symbol.asyncDispose]())

    test('who does not know it is refused before a session or a query is made', async () => {
      for (const headers of [{}, wrong]) {
        for (const path of ['/web/login', '/', '/web/static/img/favicon.ico', '/plana/seal']) {
          const page = await odoo.visit(host).get(path, headers)
          expect(page).toMatchObject({ status: 421, text: '' })
          expect(page.headers['x-pulse-refused']).toBe('identity')
          expect(page.headers['set-cookie']).toBeUndefined()
        }
        const upgrade = await shakeHands(odoo.websocketPort, host, headers)
        expect(upgrade).toMatch(/^HTTP\/1\.[01] 421 /)
      }
      const posted = await odoo.visit(host).post('/web/login', 'x'.repeat(1_000_000), wrong)
      expect(posted.status).toBe(421)
      expect((await odoo.visit(host).get('/web/health')).text).toBe('{"status": "pass"}')
      expect(await odoo.sessions()).toBe(0)
      // Health lists databases; not one of them is opened.
      expect(odoo.log()).not.toContain(`'database': '${host}'`)
    })

    test('a due action of a database that nobody visits is run', async () => {
      // Left over from the install: the clean-up deletes it under Odoo's feet, which undoes its own run.
      await sql(host, 'DELETE FROM ir_cron_trigger')
      await sql(host, `UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' + interval '1 day'`)
      await sql(
        host,
        `UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' - interval '1 minute', lastcall = NULL
         WHERE id = (SELECT max(id) FROM ir_cron WHERE active)`,
      )
      const run = (name: string) =>
        odoo.visit(host).post('/plana/cron', JSON.stringify({ database: name }), odoo.control)
      const first = JSON.parse((await run(host)).text)
      expect(first.jobs).toBe(1)
      expect(first.next).toBeGreaterThan(Date.now() / 1000)
      const [{ ran } = {}] = await sql(host, 'SELECT count(lastcall)::int AS ran FROM ir_cron')
      expect(Number(ran)).toBeGreaterThan(0)
      expect(JSON.parse((await run(host)).text).jobs).toBe(0)

      const foreign = await run('postgres')
      expect(foreign.status).toBe(503)
      expect(JSON.parse(foreign.text).reason).toContain('does not serve')
    })

    test('a host is ready when its login page is, a foreign one never', async () => {
      const ready = (name: string) => odoo.visit('10.0.0.1').get(`/plana/ready?host=${name}`)
      expect(await ready(host)).toMatchObject({ status: 200, text: '' })
      expect(await ready('nobody.localhost')).toMatchObject({ status: 503, text: '' })
    })

    test('a host whose database cannot be opened is not ready', async () => {
      const ready = async () =>
        (await odoo.visit('10.0.0.1').get(`/plana/ready?host=${host}`)).status
      await sql('postgres', `REVOKE CONNECT ON DATABASE ${host} FROM public, ${role.name}`)
      try {
        await disconnect()
        // A success is believed for a second.
        await expect.poll(ready, { timeout: 5_000, interval: 200 }).toBe(503)
      } finally {
        await sql('postgres', `GRANT CONNECT ON DATABASE ${host} TO public, ${role.name}`)
      }
      await expect.poll(ready, patience).toBe(200)
    })

    test('what is passed on for a visitor is never Pulse’s own word', async () => {
      const body = JSON.stringify({ database: host })
      const written = ['/plana/seal?timeout=0', '//plana/seal', '/%2Fplana/seal', '/plana%2Fseal']
      for (const path of [...written, '/plana/cron', `/plana/ready?host=${host}`]) {
        for (const port of [odoo.httpPort, odoo.websocketPort]) {
          const answer = await createVisitor(port, host).post(path, body, odoo.identity)
          // Odoo's own 404 is a page.
          expect(answer).toMatchObject({ status: 404, text: '' })
        }
      }
      expect((await odoo.visit(host).get('/web/login', odoo.identity)).status).toBe(200)
    })

    test('who knows it gets the page, and the websocket its handshake', async () => {
      const page = await odoo.visit(host).get('/web/login', odoo.identity)
      expect(page.status).toBe(200)
      expect(page.text).toContain('name="login"')
      const upgrade = await shakeHands(odoo.websocketPort, host, odoo.identity)
      expect(upgrade).toMatch(/^HTTP\/1\.1 101 /)
    })

    test('an idle registry is dropped with its connections, and loaded again', async () => {
      await expect.poll(() => evictions(odoo), patience).toBeGreaterThan(0)
      await expect.poll(connections, patience).toBe(0)
      const before = evictions(odoo)
      expect((await odoo.visit(host).get('/web/login', odoo.identity)).status).toBe(200)
      await expect.poll(() => evictions(odoo), patience).toBeGreaterThan(before)
    })

    test('the seal waits for a slow request, then nothing is let in', async () => {
      const slow = await sendSlowly(odoo.httpPort, host, odoo.identity)
      await expect.poll(transactions, patience).toBeGreaterThan(0)
      expect(await sealed(odoo, 0)).toBe(503)
      await expectSealed(odoo)
      const waiting = sealed(odoo, 30)
      expect(await slow.finish()).toMatch(/^HTTP\/1\.[01] (200|400|403) /)
      expect(await waiting).toBe(200)
      await expectSealed(odoo)
      expect(await sealed(odoo, 0)).toBe(200)
    })
  })

  test('a killed worker takes its request along: the seal does not wait for it', async () => {
    await using odoo = await start(2)
    const slow = await sendSlowly(odoo.httpPort, host, odoo.identity)
    await expect.poll(transactions, patience).toBeGreaterThan(0)
    for (const [, pid] of odoo.log().matchAll(/Worker WorkerHTTP \((\d+)\) alive/g)) {
      process.kill(Number(pid), 'SIGKILL')
    }
    expect(await slow.lost).toBe('')
    expect(await sealed(odoo, 20)).toBe(200)
    await expectSealed(odoo)
  })

  test('seal.py seals as a hook before the stop would', async () => {
    await using odoo = await start(0)
    expect((await odoo.visit(host).get('/web/login', odoo.identity)).status).toBe(200)
    const python = process.env.PLANA_TEST_PYTHON ?? '/usr/bin/python3'
    await promisify(execFile)(python, ['-S', '-E', seal, `--port=${odoo.httpPort}`], {
      env: { ...odoo.environment, POD_IP: '127.0.0.1' },
    })
    await expectSealed(odoo)
  })

  test('with threads it begins to end at once whichever of them takes the signal', async () => {
    await using odoo = await start(0)
    expect((await odoo.visit(host).get('/web/login', odoo.identity)).status).toBe(200)
    const threads = (await readdir(`/proc/${odoo.pid}/task`)).filter(
      (thread) => Number(thread) !== odoo.pid,
    )
    const signal = `import ctypes; ctypes.CDLL(None).tgkill(${odoo.pid}, ${threads[0]}, 15)`
    await promisify(execFile)('/usr/bin/python3', ['-c', signal])
    // Less than Odoo's main thread may sleep.
    const isEnding = () => odoo.log().includes('Initiating shutdown')
    await expect.poll(isEnding, { timeout: 20_000, interval: 50 }).toBe(true)
  })

  async function sealed(odoo: GuardedOdoo, timeoutSeconds: number): Promise<number> {
    const path = `/plana/seal?timeout=${timeoutSeconds}`
    return (await odoo.visit(host).post(path, '', odoo.control)).status
  }

  async function expectSealed(odoo: GuardedOdoo) {
    const visitor = odoo.visit(host)
    const refused = [
      await visitor.get('/web/login', odoo.identity),
      await visitor.get('/web/static/img/favicon.ico', odoo.identity),
      await visitor.get('/web/health'),
      await visitor.get(`/plana/ready?host=${host}`),
      await visitor.post('/plana/cron', JSON.stringify({ database: host }), odoo.control),
    ]
    for (const answer of refused) {
      expect(answer).toMatchObject({ status: 421, text: '' })
      expect(answer.headers['x-pulse-refused']).toBe('sealed')
    }
    expect(await shakeHands(odoo.websocketPort, host, odoo.identity)).toMatch(/ 421 /)
  }

  const connections = () => count('true')
  /** A request has come as far as Odoo when it holds one open. */
  const transactions = () => count(`state = 'idle in transaction'`)

  async function disconnect() {
    const backends = 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1'
    await sql('postgres', backends, [role.name])
  }

  async function count(condition: string): Promise<number> {
    const [row = {}] = await sql(
      host,
      `SELECT count(*)::int AS found FROM pg_stat_activity
       WHERE datname = $1 AND usename = $2 AND ${condition}`,
      [host, role.name],
    )
    return Number(row.found)
  }

  function evictions(odoo: GuardedOdoo): number {
    return odoo.log().split(`evicted idle registries: ${host}`).length - 1
  }
})
