import { beforeEach, expect, test } from 'vitest'
import { type Answer, redirect, text } from './answer.ts'
import type { Exchange } from './exchange.ts'
import { createGate, type Gate } from './gate.ts'
import { admitsHandshake, type Guarded, guard } from './plana-gateway.ts'

const identity = `acme-prod.7.${'ab'.repeat(32)}`
const control = `acme-prod.7.${'cd'.repeat(32)}`
let gate: Gate
let seen: Exchange[]
let guarded: Guarded

beforeEach(() => {
  gate = createGate()
  seen = []
  guarded = {
    identity: { visitor: identity, control },
    gate,
    answer: async (exchange) => {
      seen.push(exchange)
      return text('hello')
    },
    servesHost: async (host) => host === 'acme.localhost',
    runSchedules: async (database) => {
      if (database !== 'acme.localhost') throw new Error('not\nserved')
      return { jobs: 2, next: null }
    },
  }
})

test('without an identity of its own a server is open', async () => {
  const open = guard({ ...guarded, identity: undefined })
  expect((await open(exchangeOf('GET', '/web/login', { backend: undefined }))).status).toBe(200)
})

test('with the identity a request passes and leaves it behind', async () => {
  expect(await call('GET', '/web/login')).toMatchObject({ status: 200, body: 'hello' })
  expect(seen[0]?.headers).toEqual({ host: 'acme.localhost' })
})

test('without it no handshake is admitted', () => {
  for (const backend of [undefined, 'acme-prod.7', `${identity}, ${identity}`]) {
    expect(admitsHandshake(guarded, exchangeOf('GET', '/websocket', { backend }))).toBe(false)
  }
})

test('a tenant cannot speak as a guard: what its answers say in the guard’s name is dropped', async () => {
  const speaking = guard({
    ...guarded,
    answer: async () => ({
      status: 421,
      headers: [
        ['X-Pulse-Refused', 'sealed'],
        ['x-pulse-REFUSED', 'identity'],
        ['X-Pulse-Other', 'word'],
        ['X_Pulse_Refused', 'sealed'],
        ['Set-Cookie', 'a=1'],
        ['Set-Cookie', 'b=2'],
      ],
      body: 'it ran',
    }),
  })
  for (const [path, backend] of [
    ['/web/login', identity],
    ['/web/health', undefined],
  ] as const) {
    expect(await speaking(exchangeOf('GET', path, { backend }))).toMatchObject({
      status: 421,
      headers: [
        ['Set-Cookie', 'a=1'],
        ['Set-Cookie', 'b=2'],
      ],
      body: 'it ran',
    })
  }
})

test('ready is the login page of a host that is served, for whoever asks', async () => {
  const ready = (host: string) =>
    call('GET', '/plana/ready', { backend: undefined, query: { host } })
  expect(await ready('acme.localhost')).toMatchObject({ status: 200, body: '' })
  expect(seen[0]).toMatchObject({ path: '/web/login', host: 'acme.localhost' })
  expect((await ready('beta.localhost')).status).toBe(503)
  expect(seen).toHaveLength(1)
})

test.each([
  ['https://login.example/authorize?next=/web/database/selector', 200],
  ['/bg/web/login', 200],
  ['/auth_saml/get_auth_request?pid=1', 200],
  ['https://acme.localhost/web/login', 200],
  ['/web/login', 503],
  ['http://acme.localhost/web/login', 503],
  ['', 503],
  ['/web/database/selector', 503],
  ['http://acme.localhost/web/database/manager?db=', 503],
])(
  'ready is a login page that leads to another login, not to the selector or itself: %s',
  async (location, status) => {
    const leading = guard({ ...guarded, answer: async () => redirect(location) })
    const query = { host: 'acme.localhost' }
    expect(await leading(exchangeOf('GET', '/plana/ready', { query }))).toMatchObject({ status })
  },
)

test('the seal waits until an answer is sent, then refuses whatever comes', async () => {
  const running = await call('GET', '/slow')
  expect((await ask('POST', '/plana/seal', { query: { timeout: '0.001' } })).status).toBe(503)
  const waiting = ask('POST', '/plana/seal')
  running.sent?.()
  expect((await waiting).status).toBe(200)

  expect((await call('GET', '/web/login')).status).toBe(421)
  expect(admitsHandshake(guarded, exchangeOf('GET', '/websocket', { backend: identity }))).toBe(
    false,
  )
  expect((await ask('POST', '/plana/seal')).status).toBe(200)
})

test('the seal waits for no long poll', async () => {
  const news = Promise.withResolvers<Answer>()
  const holding = guard({ ...guarded, answer: () => news.promise })
  const poll = holding(exchangeOf('POST', '/longpolling/poll', { backend: identity }))
  expect(await gate.seal(0)).toBe(true)
  news.resolve(text('news'))
  expect(await poll).toMatchObject({ body: 'news' })
  const refused = await holding(exchangeOf('POST', '/longpolling/poll', { backend: identity }))
  expect(refused.status).toBe(421)
})

test('a request that fails is counted out', async () => {
  const failing = guard({ ...guarded, answer: () => Promise.reject(new Error('broken')) })
  await expect(failing(exchangeOf('GET', '/', { backend: identity }))).rejects.toThrow('broken')
  expect(await gate.seal(0)).toBe(true)
})

test('schedules answer with what was run, or with one line why not', async () => {
  expect(await cron({ database: 'acme.localhost' })).toMatchObject({
    status: 200,
    body: '{"jobs":2,"next":null}',
  })
  expect(await cron({ database: 'beta' })).toMatchObject({
    status: 503,
    body: '{"reason":"not served"}',
  })
})

interface Given {
  readonly backend?: string | undefined
  readonly query?: Record<string, string>
  readonly body?: string
}

function call(method: string, path: string, given: Given = {}): Promise<Answer> {
  return guard(guarded)(exchangeOf(method, path, { backend: identity, ...given }))
}

/** As Pulse itself asks. */
function ask(method: string, path: string, given: Given = {}): Promise<Answer> {
  return call(method, path, { backend: control, ...given })
}

function cron(body: unknown): Promise<Answer> {
  return ask('POST', '/plana/cron', { body: JSON.stringify(body) })
}

function exchangeOf(method: string, path: string, { backend, query, body = '' }: Given): Exchange {
  return {
    method,
    path,
    query: new URLSearchParams(query),
    headers: {
      host: 'acme.localhost',
      ...(backend ? { 'x-pulse-backend': backend } : {}),
      ...(body ? { 'content-length': String(body.length) } : {}),
    },
    host: 'acme.localhost',
    scheme: 'http',
    remoteAddress: '127.0.0.1',
    cookies: new Map(),
    body: (async function* () {
      yield Buffer.from(body)
    })(),
  }
}
