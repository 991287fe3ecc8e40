import { expect, onTestFinished, test } from 'vitest'
import { createGateway } from '../gateway.ts'
import {
  backendAt,
  eventually,
  fetchFrom,
  listen,
  rawBackend,
  routeTo,
  serve,
  silent,
  sleeper,
} from '../gateway-under-test.suite.ts'
import type { WakeLimits } from '../limits/wake-limits.ts'
import { createManualClock } from '../manual-clock.suite.ts'

const page = { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
const session = { cookie: 'session_id=abc' }

async function limitedTo(wakes: Partial<WakeLimits>) {
  const tenant = sleeper({}, { wakeTimeoutMs: 30_000 })
  const route = routeTo('acme', [])
  const gateway = createGateway({
    routes: { find: () => route },
    waker: tenant.waker,
    log: silent,
    limits: { drainMs: 0 },
    admission: { wakes, trustedProxies: ['127.0.0.1'] },
  })
  onTestFinished(() => gateway.close())
  const port = await gateway.listen({ hosts: ['127.0.0.1'], port: 0 })
  const backend = backendAt(await listen(rawBackend('HTTP/1.0 200 OK\r\n\r\nawake')))
  let woken = 0
  /** It wakes for this request, and falls asleep again. */
  async function wakeFor(headers: Record<string, string>, path = '/') {
    const method = path === '/' ? 'GET' : 'POST'
    const reply = fetchFrom(port, path, { method, headers })
    woken += 1
    await eventually(() => expect(tenant.writes).toHaveLength(woken))
    tenant.bring(backend)
    expect((await reply).body).toBe('awake')
    tenant.sleep()
  }
  return { ...tenant, port, wakeFor, forget: gateway.forget }
}

test('beyond its wakes a tenant sleeps on, and strangers are told when to come again', async () => {
  const { port, writes, wakeFor } = await limitedTo({ environmentPerHour: 1 })
  await wakeFor({})
  const program = await fetchFrom(port, '/')
  expect(program.status).toBe(503)
  expect(program.body).toContain('problems/wake-limited')
  expect(Number(program.headers['retry-after'])).toBeGreaterThan(0)
  const person = await fetchFrom(port, '/odoo', { headers: page })
  expect(person.status).toBe(503)
  expect(person.body).toContain('rests for a moment')
  const status = await fetchFrom(port, '/.pulse/wake')
  expect(JSON.parse(status.body)).toMatchObject({ state: 'limited' })
  const script = await fetchFrom(port, '/x', { headers: { 'sec-fetch-mode': 'cors' } })
  expect(script.headers['content-type']).toContain('text/plain')
  expect(writes).toHaveLength(1)
})

test.each([
  ['a session', session, '/'],
  ['a login', { authorization: 'bearer x' }, '/'],
  ['a login of XML-RPC', {}, '/xmlrpc/2/common'],
  ['a login of JSON-RPC', {}, '/web/session/authenticate'],
])('whoever carries %s is never refused', async (_what, credentials, path) => {
  const { wakeFor, writes } = await limitedTo({ environmentPerHour: 1 })
  await wakeFor({})
  await wakeFor(credentials, path)
  await wakeFor(credentials, path)
  expect(writes).toHaveLength(3)
})

test('what is woken beyond its limit stays awake longer instead, so that it wakes less often', async () => {
  const tenant = sleeper({}, { idleMs: 60_000, wakeTimeoutMs: 30_000 })
  const clock = createManualClock()
  const port = await serve([routeTo('acme', [])], {
    waker: tenant.waker,
    clock,
    life: { graceMs: 0 },
    admission: { wakes: { environmentPerHour: 1 } },
  })
  const backend = backendAt(await listen(rawBackend('HTTP/1.0 200 OK\r\n\r\nawake')))
  for (const woken of [1, 2]) {
    tenant.sleep()
    const reply = fetchFrom(port, '/', { headers: session })
    await eventually(() => expect(tenant.writes).toHaveLength(woken))
    tenant.bring(backend)
    expect((await reply).body).toBe('awake')
  }
  await clock.advance(30 * 60_000)
  expect(tenant.writes).toHaveLength(2)
  await clock.advance(60 * 60_000)
  expect(tenant.writes.at(-1)).toMatchObject({ state: 'down' })
})

test('one address that wakes too many hears 429, and others wake the tenant all the same', async () => {
  const from = (address: string) => ({ 'x-forwarded-for': address })
  const { port, wakeFor } = await limitedTo({ addressPerHour: 1 })
  await wakeFor(from('203.0.113.7'))
  const again = await fetchFrom(port, '/', { headers: from('203.0.113.7') })
  expect(again.status).toBe(429)
  expect(again.body).toContain('problems/too-many-wakes')
  await wakeFor(from('203.0.113.8'))
})

test('the addresses of one IPv6 line are refused, and told so, as one', async () => {
  const from = (address: string) => ({ 'x-forwarded-for': address })
  const { port, wakeFor } = await limitedTo({ addressPerHour: 1 })
  await wakeFor(from('2001:db8:0:1::1'))
  expect((await fetchFrom(port, '/', { headers: from('2001:db8:0:1::2') })).status).toBe(429)
  const status = await fetchFrom(port, '/.pulse/wake', { headers: from('2001:db8:0:1::3') })
  expect(JSON.parse(status.body)).toMatchObject({ state: 'limited' })
  const other = await fetchFrom(port, '/.pulse/wake', { headers: from('2001:db8:0:2::3') })
  expect(JSON.parse(other.body)).not.toMatchObject({ state: 'limited' })
})

test('a crowd at the door of one that wakes is one wake', async () => {
  const { port, writes, bring } = await limitedTo({ environmentPerHour: 1 })
  const replies = Array.from({ length: 30 }, () => fetchFrom(port, '/'))
  await eventually(() => expect(writes).toHaveLength(1))
  bring(backendAt(await listen(rawBackend('HTTP/1.0 200 OK\r\n\r\nawake'))))
  for (const reply of replies) expect((await reply).body).toBe('awake')
})

test('an environment that takes the name of another has all its wakes', async () => {
  const { port, wakeFor, forget } = await limitedTo({ environmentPerHour: 1 })
  await wakeFor({})
  expect((await fetchFrom(port, '/')).status).toBe(503)
  forget('acme-prod')
  await wakeFor({})
  expect((await fetchFrom(port, '/')).status).toBe(503)
})
