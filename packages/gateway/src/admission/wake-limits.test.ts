import { expect, onTestFinished, test, vi } from 'vitest'
import { createGateway, type Gateway, type GatewayOptions } from '../gateway.ts'
import {
  backendAt,
  eventually,
  fetchFrom,
  listen,
  openSocket,
  rawBackend,
  routeTo,
  type Sleeper,
  serve,
  silent,
  sleeper,
} from '../gateway-under-test.suite.ts'
import type { WakeLimits } from '../limits/wake-limits.ts'
import { createManualClock } from '../manual-clock.suite.ts'

const page = { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
const session = { cookie: 'session_id=abc' }

function gatewayBefore({ waker }: Sleeper, options: Partial<GatewayOptions>): Gateway {
  const route = routeTo('acme', [])
  const gateway = createGateway({
    routes: { find: () => route },
    waker,
    log: silent,
    limits: { drainMs: 0 },
    ...options,
  })
  onTestFinished(() => gateway.close())
  return gateway
}

async function limitedTo(wakes: Partial<WakeLimits>) {
  const tenant = sleeper({}, { wakeTimeoutMs: 30_000 })
  const gateway = gatewayBefore(tenant, { admission: { wakes, trustedProxies: ['127.0.0.1'] } })
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

test('a wake for a schedule counts and is never refused: beyond a limit its tenant stays awake longer instead', async () => {
  const tenant = sleeper({}, { idleMs: 20 * 60_000, wakeTimeoutMs: 30_000 })
  const clock = createManualClock()
  const { lives, listen: open } = gatewayBefore(tenant, {
    clock,
    life: { graceMs: 0, idleAfterScheduleMs: 5_000 },
    admission: { wakes: { environmentPerHour: 1 } },
  })
  const port = await open({ hosts: ['127.0.0.1'], port: 0 })
  const backend = backendAt(await listen(rawBackend('HTTP/1.0 200 OK\r\n\r\nawake')))
  async function wakeForSchedule() {
    tenant.sleep()
    const woken = lives.wake('acme-prod', 'schedule')
    await eventually(() => expect(tenant.writes.at(-1)?.state).toBe('up'))
    tenant.bring(backend)
    expect(await woken).toBe('awake')
  }
  const isDown = () => tenant.writes.at(-1)?.state === 'down'

  await wakeForSchedule()
  // Within its limit it sleeps again soon.
  await clock.advance(10_000)
  expect(isDown()).toBe(true)
  expect((await fetchFrom(port, '/')).status).toBe(503)

  await wakeForSchedule()
  await clock.advance(55 * 60_000)
  expect(isDown()).toBe(false)
  // The hour is over, after which one more would have been let in.
  await clock.advance(6 * 60_000)
  expect(isDown()).toBe(true)
})

test('a schedule that finds its tenant awake is no wake', async () => {
  const tenant = sleeper({}, { wakeTimeoutMs: 30_000 })
  const { lives, listen: open } = gatewayBefore(tenant, {
    admission: { wakes: { environmentPerHour: 1, allPerMinute: 1 } },
  })
  const port = await open({ hosts: ['127.0.0.1'], port: 0 })
  const backend = backendAt(await listen(rawBackend('HTTP/1.0 200 OK\r\n\r\nawake')))
  const woken = lives.wake('acme-prod', 'asked')
  await eventually(() => expect(tenant.writes).toHaveLength(1))
  tenant.bring(backend)
  await woken
  for (let run = 0; run < 3; run += 1) await lives.wake('acme-prod', 'schedule')
  tenant.sleep()
  const stranger = fetchFrom(port, '/')
  await eventually(() => expect(tenant.writes).toHaveLength(2))
  tenant.bring(backend)
  expect((await stranger).status).toBe(200)
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

test('whoever comes while a wake goes on without its client joins it: it is one wake', async () => {
  const answer = Promise.withResolvers<void>()
  const tenant = sleeper(
    {
      async look(name) {
        await answer.promise
        return tenant.waker.see(name)
      },
    },
    { wakeTimeoutMs: 30_000 },
  )
  const facts = vi.fn()
  const gateway = gatewayBefore(tenant, {
    admission: { wakes: { environmentPerHour: 1 } },
    onRequest: facts,
  })
  const port = await gateway.listen({ hosts: ['127.0.0.1'], port: 0 })
  const lookedAt = vi.spyOn(tenant.waker, 'look')
  const client = openSocket(port, 'GET / HTTP/1.1\r\nHost: acme.localhost\r\n\r\n')
  await eventually(() => expect(lookedAt).toHaveBeenCalled())
  client.socket.destroy()
  await eventually(() =>
    expect(facts).toHaveBeenCalledWith(expect.objectContaining({ status: 499 })),
  )
  const reply = fetchFrom(port, '/')
  answer.resolve()
  await eventually(() => expect(tenant.writes).toHaveLength(1))
  tenant.bring(backendAt(await listen(rawBackend('HTTP/1.0 200 OK\r\n\r\nawake'))))
  expect((await reply).body).toBe('awake')
})

test('an environment that takes the name of another has all its wakes', async () => {
  const { port, wakeFor, forget } = await limitedTo({ environmentPerHour: 1 })
  await wakeFor({})
  expect((await fetchFrom(port, '/')).status).toBe(503)
  forget('acme-prod')
  await wakeFor({})
  expect((await fetchFrom(port, '/')).status).toBe(503)
})
