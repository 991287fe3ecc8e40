import { expect, test, vi } from 'vitest'
import { parseMonitors } from '../classes/monitors.ts'
import type { RequestFacts } from '../gateway.ts'
import {
  backendAt,
  eventually,
  fetchFrom,
  listen,
  rawBackend,
  routeTo,
  type Sleeper,
  serve,
  sleeper,
} from '../gateway-under-test.suite.ts'

const page = { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
const json = { 'content-type': 'application/json' }
const form = { 'content-type': 'application/x-www-form-urlencoded', ...page }
const call =
  '<methodCall><methodName>login</methodName><params><param><value><string>acme.localhost</string></value></param></params></methodCall>'

async function asleep() {
  const facts: RequestFacts[] = []
  const tenant = sleeper({}, { wakeTimeoutMs: 30_000 })
  const port = await serve([routeTo('acme', [])], {
    waker: tenant.waker,
    admission: { monitors: parseMonitors(['AcmeWatch']) },
    life: { patienceMs: 0 },
    onRequest: (fact) => facts.push(fact),
  })
  return { ...tenant, port, facts }
}

async function bring({ bring }: Sleeper, answer = 'HTTP/1.0 200 OK\r\n\r\nawake') {
  bring(backendAt(await listen(rawBackend(answer))))
}

test.each([
  ['health', '/web/health', {}, 200, '{"status": "pass"}'],
  ['a monitor', '/web/login', { 'user-agent': 'UptimeRobot/2.0' }, 200, 'asleep'],
  ['a monitor of the operator’s', '/web/login', { 'user-agent': 'AcmeWatch/1' }, 200, 'asleep'],
  ['robots.txt', '/robots.txt', {}, 503, ''],
  ['the favicon', '/favicon.ico', {}, 503, ''],
  ['a crawler', '/shop', { 'user-agent': 'GPTBot/1.2' }, 503, ''],
  ['a search engine', '/shop', { 'user-agent': 'Googlebot/2.1' }, 503, ''],
  ['a prefetch', '/odoo', { ...page, 'sec-purpose': 'prefetch' }, 503, ''],
  ['a chore of a browser', '/web/service-worker.js', { 'service-worker': 'script' }, 503, ''],
  ['the page that waits', '/.pulse/wake', {}, 200, '{"state":"asleep"}'],
] as const)(
  'monitors, bots and robots.txt wake no tenant: %s',
  async (_who, path, headers, status, text) => {
    const { port, writes, facts } = await asleep()
    const reply = await fetchFrom(port, path, { headers })
    expect(reply.status).toBe(status)
    expect(reply.body).toContain(text)
    if (status === 503) expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0)
    expect(writes).toEqual([])
    await eventually(() => expect(facts).toMatchObject([{ environment: 'acme-prod', status }]))
  },
)

test('a page shows what goes on, and opens when the tenant is awake', async () => {
  const tenant = await asleep()
  const first = await fetchFrom(tenant.port, '/odoo?debug=1', {
    headers: { ...page, 'accept-language': 'bg' },
  })
  expect(first.status).toBe(503)
  expect(first.body).toContain('<html lang="bg">')
  expect(first.body).toContain('acme')
  const status = async () => JSON.parse((await fetchFrom(tenant.port, '/.pulse/wake')).body)
  expect(await status()).toMatchObject({ state: 'waking', phase: 'starting' })
  await eventually(() => expect(tenant.writes).toMatchObject([{ state: 'up', generation: 2 }]))
  await bring(tenant)
  await vi.waitFor(async () => expect(await status()).toEqual({ state: 'ready' }))
  const second = await fetchFrom(tenant.port, '/odoo?debug=1', { headers: page })
  expect(second.body).toBe('awake')
  expect(tenant.writes).toHaveLength(1)
  expect(tenant.facts.map(({ class: name, handled }) => [name, handled])).toEqual(
    expect.arrayContaining([
      ['page', 'asleep'],
      ['page', 'forwarded'],
    ]),
  )
})

test.each([
  ['a script’s call', 'xhr', { path: '/web/dataset/call_kw', headers: json, body: '{}' }],
  ['a form', 'form-post', { path: '/web/login', headers: form, body: 'login=admin' }],
  ['XML-RPC', 'xml-rpc', { path: '/xmlrpc/2/common', headers: {}, body: call }],
  ['a webhook', 'other', { path: '/payment/webhook', headers: {}, body: 'paid' }],
] as const)(
  '%s is held until the tenant is awake, and sent with its body',
  async (_what, name, sent) => {
    const tenant = await asleep()
    const { path, ...rest } = sent
    const heads: string[] = []
    const reply = fetchFrom(tenant.port, path, { method: 'POST', ...rest })
    await eventually(() => expect(tenant.writes).toHaveLength(1))
    const backend = rawBackend('HTTP/1.0 200 OK\r\n\r\nawake', (head) => heads.push(head))
    tenant.bring(backendAt(await listen(backend)))
    expect((await reply).body).toBe('awake')
    await eventually(() => expect(heads.join('')).toContain(rest.body))
    await eventually(() =>
      expect(tenant.facts).toMatchObject([{ class: name, handled: 'held', status: 200 }]),
    )
  },
)

test('a page of one that wakes fast is held instead', async () => {
  const tenant = await asleep()
  // A first wake teaches how long one takes.
  const first = fetchFrom(tenant.port, '/web/dataset/call_kw', {
    method: 'POST',
    headers: json,
    body: '{}',
  })
  await eventually(() => expect(tenant.writes).toHaveLength(1))
  await bring(tenant)
  await first
  tenant.sleep()
  const reply = fetchFrom(tenant.port, '/odoo', { headers: page })
  await eventually(() => expect(tenant.writes).toHaveLength(2))
  await bring(tenant)
  expect((await reply).body).toBe('awake')
})

test('a tenant that crashes on each start is told of to people and to monitors, and burns nothing', async () => {
  const tenant = await asleep()
  tenant.fail('FATAL: password=hunter2 for odoo@db is wrong')
  await vi.waitFor(async () => {
    const shown = await fetchFrom(tenant.port, '/odoo', { headers: page })
    expect(shown.status).toBe(503)
    expect(shown.body).toContain('could not be started')
    expect(shown.body).not.toContain('hunter2')
  })
  const watched = await fetchFrom(tenant.port, '/', { headers: { 'user-agent': 'UptimeRobot/2' } })
  expect(watched.status).toBe(503)
  const before = tenant.writes.length
  for (let times = 0; times < 20; times += 1) {
    const program = await fetchFrom(tenant.port, '/json/2/x', { method: 'POST', headers: json })
    expect(program.status).toBe(503)
  }
  expect(tenant.writes).toHaveLength(before)
})

test('one whose workers were never ready is being made, for whoever opens a page', async () => {
  const route = { ...routeTo('acme', []), state: { phase: 'serving', isNew: true } } as const
  const port = await serve([route], { waker: sleeper({}, { wakeTimeoutMs: 30_000 }).waker })
  const reply = await fetchFrom(port, '/odoo', { headers: page })
  expect(reply.status).toBe(503)
  expect(reply.body).toContain('being made')
})
