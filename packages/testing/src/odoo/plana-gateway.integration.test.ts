import { createHmac, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { createTestDatabase, type TestDatabase } from '../postgres.ts'
import { runOdoo, sql, startPool } from './site.testing.ts'
import { createVisitor } from './visitor.testing.ts'

const id = 'acme-prod.7'
const key = randomBytes(32)
const signed = (purpose: string) => ({
  'X-Pulse-Backend': `${id}.${createHmac('sha256', key).update(`${purpose}${id}`).digest('hex')}`,
})
const [identity, control] = [signed(''), signed('control ')]
let database: TestDatabase
let folder: string
const start = (...args: string[]) =>
  startPool('18', ['--max-cron-threads=0', ...args], {
    PULSE_BACKEND_ID: id,
    PULSE_BACKEND_KEY_FILE: join(folder, 'key'),
  })

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pulse-gateway-'))
  await writeFile(join(folder, 'key'), key.toString('hex'))
  database = await createTestDatabase()
  await runOdoo('18', '-d', database.name, '-i', 'base', '--stop-after-init')
})
afterAll(async () => {
  await database.drop()
  await rm(folder, { recursive: true })
})

test.each([0, 2])(
  'a stand-in with %i workers answers its own gateway only, until it is sealed',
  async (workers) => {
    await using server = await start(`--workers=${workers}`)
    const { httpPort, geventPort = httpPort } = server.odoo
    const visitor = createVisitor(httpPort, database.name)
    const status = async (path: string, headers: Record<string, string> = {}) =>
      (await visitor.get(path, headers)).status

    expect((await visitor.get('/web/login')).headers['x-pulse-refused']).toBe('identity')
    expect(await handshake(geventPort, {})).toBe(421)
    expect(await status('/web/health')).toBe(200)
    expect(await status(`/plana/ready?host=${database.name}`)).toBe(200)
    expect(await status('/plana/ready?host=nobody.localhost')).toBe(503)
    expect(await status('/web/login', identity)).toBe(200)
    expect(await handshake(geventPort, identity)).toBe(101)

    const slow = visitor.get('/standin/sleep?seconds=0.5', identity)
    await expect.poll(() => server.odoo.log(), { timeout: 20_000 }).toContain('sleeping')
    expect((await visitor.post('/plana/seal', '', identity)).status).toBe(404)
    const sealed = await visitor.post('/plana/seal', '', control)
    expect(sealed.status).toBe(200)
    expect((await slow).text).toContain('slept')
    expect((await visitor.get('/web/login', identity)).headers['x-pulse-refused']).toBe('sealed')
    expect(await handshake(geventPort, identity)).toBe(421)
    expect((await visitor.get('/web/health')).headers['x-pulse-refused']).toBe('sealed')
  },
)

test('who meets a database that cannot be opened comes again, and is still logged in', async () => {
  await using server = await start()
  const visitor = createVisitor(server.odoo.httpPort, database.name)
  const form = { 'content-type': 'application/x-www-form-urlencoded', ...identity }
  const page = await visitor.get('/web/login', identity)
  const token = /name="csrf_token" value="([^"]+)"/.exec(page.text)?.[1] ?? ''
  const login = { csrf_token: token, login: 'admin', password: 'admin', redirect: '' }
  await visitor.post('/web/login', String(new URLSearchParams(login)), form)
  const cookie = visitor.cookie()
  expect((await visitor.get('/odoo', identity)).status).toBe(200)

  await sql('postgres', `ALTER DATABASE ${database.name} ALLOW_CONNECTIONS false`)
  await sql(
    'postgres',
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1',
    [database.name],
  )
  const answer = await visitor.get('/odoo', identity)
  expect(answer.status).toBe(503)
  expect(answer.headers['retry-after']).toBe('5')
  expect(answer.headers['set-cookie']).toBeUndefined()
  expect(await handshake(server.odoo.httpPort, { ...identity, cookie })).toBe(503)
  expect((await visitor.get('/web/health')).status).toBe(200)

  await sql('postgres', `ALTER DATABASE ${database.name} ALLOW_CONNECTIONS true`)
  expect((await visitor.get('/odoo', identity)).status).toBe(200)
  expect(visitor.cookie()).toBe(cookie)
})

test('a due job of a database that nobody visits is run once', async () => {
  await using server = await start()
  const visitor = createVisitor(server.odoo.httpPort, 'anywhere')
  await sql(
    database.name,
    `UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' - interval '1 minute'`,
  )
  const run = (name: string) =>
    visitor.post('/plana/cron', JSON.stringify({ database: name }), control)
  const first = JSON.parse((await run(database.name)).text)
  expect(first.jobs).toBeGreaterThan(0)
  expect(first.next).toBeGreaterThan(Date.now() / 1000)
  expect(JSON.parse((await run(database.name)).text)).toEqual({ jobs: 0, next: first.next })
  expect(await run('postgres')).toMatchObject({
    status: 503,
    text: '{"reason":"this server does not serve that database"}',
  })
})

async function handshake(port: number, headers: Record<string, string>): Promise<number> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/websocket`, {
    headers: { host: database.name, origin: `http://${database.name}`, ...headers },
  })
  const refusal = once(socket, 'unexpected-response').then(([, response]) => response.statusCode)
  const opened = once(socket, 'open').then(() => 101)
  for (const outcome of [refusal, opened]) outcome.catch(() => undefined)
  socket.on('error', () => undefined)
  const status: number = await Promise.race([refusal, opened])
  socket.terminate()
  return status
}
