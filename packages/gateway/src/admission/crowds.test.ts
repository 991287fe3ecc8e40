import { expect, test } from 'vitest'
import type { RequestFacts } from '../gateway.ts'
import {
  backendAt,
  eventually,
  fetchFrom,
  listen,
  type Reply,
  rawBackend,
  routeTo,
  type Sleeper,
  serve,
  sleeper,
  type TestRoute,
} from '../gateway-under-test.suite.ts'
import { defaultLifeLimits } from '../life/life-limits.ts'
import type { Waker } from '../life/waker.ts'

const page = { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }

/** Several that sleep, each with its own priority. */
function sleepers(priorities: Readonly<Record<string, number>>) {
  const tenants = new Map<string, Sleeper>()
  for (const [label, priority] of Object.entries(priorities)) {
    tenants.set(`${label}-prod`, sleeper({}, { priority, wakeTimeoutMs: 30_000 }))
  }
  const of = (environment: string): Sleeper => {
    const found = tenants.get(environment)
    if (found === undefined) throw new Error(`nobody is called ${environment}`)
    return found
  }
  const waker: Waker = {
    ...sleeper().waker,
    see: (environment) => of(environment).waker.see(environment),
    look: (environment, signal) => of(environment).waker.look(environment, signal),
    write: (environment, change, signal) =>
      of(environment).waker.write(environment, change, signal),
    onChange(run) {
      for (const [environment, tenant] of tenants) tenant.waker.onChange(() => run(environment))
    },
  }
  const started = () =>
    [...tenants].flatMap(([name, { writes }]) => (writes.length > 0 ? [name] : []))
  const routes: TestRoute[] = Object.keys(priorities).map((label) => routeTo(label, []))
  return { waker, of, started, routes }
}

const version = '<methodCall><methodName>version</methodName></methodCall>'

const at = (label: string) => ({ headers: { host: `${label}.localhost` } })

test('who waits for one tenant is bounded, and takes nothing from the others', async () => {
  const { waker, of, routes } = sleepers({ crowded: 0, quiet: 0 })
  const hold = { ...defaultLifeLimits.hold, requestsPerEnvironment: 20 }
  const port = await serve(routes, { waker, life: { hold } })
  const answered: Reply[] = []
  const crowd = Array.from({ length: 200 }, async () => {
    const reply = await fetchFrom(port, '/', at('crowded'))
    answered.push(reply)
    return reply
  })
  await eventually(() => expect(answered).toHaveLength(180))
  expect(new Set(answered.map(({ status }) => status))).toEqual(new Set([503]))
  for (const { headers } of answered) expect(Number(headers['retry-after'])).toBeGreaterThan(0)

  const backend = backendAt(await listen(rawBackend('HTTP/1.0 200 OK\r\n\r\nawake')))
  const other = fetchFrom(port, '/', at('quiet'))
  await eventually(() => expect(of('quiet-prod').writes).toHaveLength(1))
  of('quiet-prod').bring(backend)
  expect((await other).body).toBe('awake')

  of('crowded-prod').bring(backend)
  const statuses = (await Promise.all(crowd)).map(({ status }) => status)
  expect(statuses.filter((status) => status === 200)).toHaveLength(20)
})

test.each([
  ['heads', { headers: { 'x-large': 'x'.repeat(10_000) } }],
  ['bodies', { method: 'POST', body: 'x'.repeat(10_000) }],
])('what waits for one tenant is bounded in memory too: large %s', async (_what, large) => {
  const { waker, of, routes } = sleepers({ crowded: 0, quiet: 0 })
  const hold = { ...defaultLifeLimits.hold, bytesPerEnvironment: 25_000 }
  const port = await serve(routes, { waker, life: { hold } })
  const to = (label: string) => {
    const headers = { ...('headers' in large && large.headers), ...at(label).headers }
    return fetchFrom(port, '/', { ...large, headers })
  }
  const crowd = ['crowded', 'crowded', 'crowded'].map(to)
  const refused = await Promise.race(crowd)
  expect(refused.status).toBe(503)
  expect(refused.body).toContain('too-many-waiting')

  const backend = backendAt(await listen(rawBackend('HTTP/1.0 200 OK\r\n\r\nawake')))
  const other = to('quiet')
  await eventually(() => expect(of('quiet-prod').writes).toHaveLength(1))
  of('quiet-prod').bring(backend)
  expect((await other).body).toBe('awake')
  of('crowded-prod').bring(backend)
  const statuses = (await Promise.all(crowd)).map(({ status }) => status)
  expect(statuses.toSorted()).toEqual([200, 200, 503])
})

const postsJson = { 'content-type': 'application/json' }

test.each([
  ['a webhook', '/hook', postsJson],
  ['a program that asks for JSON', '/web/webclient/version_info', { accept: 'application/json' }],
  ['a program that logs in by JSON-RPC', '/web/session/authenticate', postsJson],
  ['a program with an API login', '/hook', { ...postsJson, authorization: 'bearer x' }],
  ['one that would take a page too', '/hook', { ...postsJson, accept: 'text/html, */*' }],
])('%s beyond them hears a problem in JSON', async (_who, path, headers) => {
  const refused = await beyondCrowd(path, headers)
  expect(refused.headers['content-type']).toBe('application/problem+json')
  expect(JSON.parse(refused.body)).toMatchObject({ status: 503, title: expect.any(String) })
})

test.each([
  ['Fetch Metadata', { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' }],
  ['its origin, over plain HTTP', { origin: 'http://crowded.localhost' }],
  ['X-Requested-With', { 'x-requested-with': 'XMLHttpRequest' }],
  ['a session', { cookie: 'session_id=abc' }],
])(
  'a script of a page (%s) beyond them hears no JSON: to Odoo’s web client it would be a success',
  async (_by, headers) => {
    const refused = await beyondCrowd('/web/dataset/call_kw', { ...postsJson, ...headers })
    expect(refused.headers['content-type']).toBe('text/plain; charset=utf-8')
  },
)

/** The answer to one request more than may wait. */
async function beyondCrowd(path: string, headers: Readonly<Record<string, string>>) {
  const { waker, routes } = sleepers({ crowded: 0 })
  const hold = { ...defaultLifeLimits.hold, requestsPerEnvironment: 0 }
  const port = await serve(routes, { waker, life: { hold } })
  const all = { ...headers, ...at('crowded').headers }
  const refused = await fetchFrom(port, path, { method: 'POST', body: '{}', headers: all })
  expect(refused.status).toBe(503)
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
  return refused
}

test('a call by XML-RPC beyond them gets a fault over 200, and is told of as the refusal that it is', async () => {
  const { waker, of, routes } = sleepers({ crowded: 0 })
  const hold = { ...defaultLifeLimits.hold, requestsPerEnvironment: 1 }
  const facts: RequestFacts[] = []
  const port = await serve(routes, { waker, life: { hold }, onRequest: (one) => facts.push(one) })
  const call = () =>
    fetchFrom(port, '/xmlrpc/2/common', { method: 'POST', body: version, ...at('crowded') })
  const calls = [call(), call()]
  const refused = await Promise.race(calls)
  expect(refused.status).toBe(200)
  expect(refused.body).toContain('Too many requests wait for this environment already.')
  of('crowded-prod').bring(backendAt(await listen(rawBackend('HTTP/1.0 200 OK\r\n\r\nawake'))))
  await Promise.all(calls)
  await eventually(() =>
    expect(facts).toMatchObject([
      { class: 'xml-rpc', status: 200, problem: 'too-many-waiting' },
      { class: 'xml-rpc', status: 200, problem: undefined },
    ]),
  )
})

test('when all tenants wake at once a few start at a time, who pays more first, and each page says how long', async () => {
  const { waker, of, started, routes } = sleepers({ a: 0, b: 0, c: 0, d: 2, e: 1 })
  const port = await serve(routes, { waker, life: { starts: 1 } })
  const backend = backendAt(await listen(rawBackend('HTTP/1.0 200 OK\r\n\r\nawake')))
  const headers = (label: string) => ({ headers: { ...page, ...at(label).headers } })
  for (const label of ['a', 'b', 'c', 'd', 'e']) {
    const reply = await fetchFrom(port, '/odoo', headers(label))
    expect(reply.status).toBe(503)
    expect(reply.body).toContain('seconds left')
  }
  const order: string[] = []
  for (let times = 1; times <= 5; times += 1) {
    await eventually(() => expect(started()).toHaveLength(times))
    const next = started().find((name) => !order.includes(name)) ?? ''
    order.push(next)
    of(next).bring(backend)
  }
  expect(order).toEqual(['a-prod', 'd-prod', 'e-prod', 'b-prod', 'c-prod'])
})
