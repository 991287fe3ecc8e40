import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decide } from './decide.ts'
import type { Route, RouteState } from './route-source.ts'
import { strangeHosts, strangeTargets } from './strange-bytes.suite.ts'

function routeOf(state: RouteState = { phase: 'serving' }): Route {
  return {
    environment: 'acme-prod',
    hostname: 'acme.localhost',
    displayName: 'Acme Corp',
    state,
  }
}

function decideWith(
  target: string,
  options: { host?: string; method?: string; route?: Route } = {},
) {
  const route = options.route ?? routeOf()
  const hosts = new Map([
    ['acme.localhost', route],
    ['erp.acme.bg', route],
  ])
  return decide(
    { method: options.method ?? 'GET', target, host: options.host ?? 'acme.localhost:8080' },
    { find: (host) => hosts.get(host) },
  )
}

test('a known host goes to its backend, with the canonical host and the port of the client', () => {
  expect(decideWith('/web/login?db=other')).toMatchObject({
    kind: 'forward',
    authority: 'acme.localhost:8080',
  })
})

test('hosts are compared without case, port and trailing dot', () => {
  expect(decideWith('/', { host: 'ACME.localhost.:8080' })).toMatchObject({ kind: 'forward' })
})

test.each(['other.localhost', '', undefined, '127.0.0.1', 'acme.localhost.evil.example'])(
  'host %s is answered without asking Odoo',
  (host) => {
    const decision = decide({ method: 'GET', target: '/', host }, { find: () => undefined })
    expect(decision).toMatchObject({ kind: 'answer' })
  },
)

test('the machine’s own name is answered with what runs there, and still is no environment', () => {
  for (const host of ['localhost:8080', '127.0.0.1:8080', 'LOCALHOST']) {
    expect(decideWith('/', { host })).toMatchObject({
      answer: { problem: 'host-not-found', page: 'front' },
    })
  }
  expect(decideWith('/', { host: 'nobody.localhost' })).toMatchObject({
    answer: { page: 'not-found' },
  })
})

test.each([
  'a b',
  'user@acme.localhost',
  '[::1]',
  'acme..localhost',
  '-a.localhost',
  'acme.localhost:x',
])('host %s is no host: 400', (host) => {
  expect(decideWith('/', { host })).toMatchObject({ answer: { problem: 'bad-request' } })
})

test('a target that is not of printable ASCII alone is no target: 400, in its query too', () => {
  for (let code = 0; code <= 0xff; code += 1) {
    if (code >= 0x21 && code <= 0x7e) continue
    const byte = String.fromCharCode(code)
    for (const target of [`/web${byte}login`, `/web/login?a=${byte}`, `/websocket#${byte}`]) {
      expect(decideWith(target), JSON.stringify(target)).toMatchObject({
        answer: { problem: 'bad-request' },
      })
    }
  }
})

describe('closed doors', () => {
  test.each([
    '/web/database',
    '/web/database/manager',
    '/web//database/manager',
    '/web/./database/create',
    '/web/x/../database/drop',
    '/web/%64atabase/manager',
    '/%77eb/database/manager?x=1',
    '/web/database%2Fmanager',
    '\\web\\database',
    '/\\web\\database',
    '/en/web/database/manager',
    '/bg_BG/jsonrpc',
    '/sr@latin/jsonrpc',
    '/Deutsch/xmlrpc/2/db',
    '/xmlrpc/db',
    '/xmlrpc/2/db',
    '/xmlrpc/2/db/',
    '/xmlrpc/2/report',
    '/xmlrpc/3/object',
    '/xmlrpc',
    '/jsonrpc',
    '/jsonrpc/',
    '/JSONRPC/../jsonrpc',
    '/plana/seal?timeout=0',
    '//plana/cron',
    '/%70lana%2Fready?host=beta.localhost',
    '\\plana\\identity',
    '/x/../plana/seal',
  ])('%s never reaches Odoo', (target) => {
    const decision = decideWith(target, { method: 'POST' })
    expect(decision).toMatchObject({ kind: 'answer' })
    if (decision.kind === 'answer')
      expect(['bad-request', 'refused']).toContain(decision.answer.page)
  })

  test.each([
    '/web/databases',
    '/web/login',
    '/xmlrpc/2/common',
    '/odoo/jsonrpcs',
    '/json/2/res.partner',
    '/plana',
    '/planar/seal',
    '/shop/plana/seal',
  ])('%s does', (target) => {
    expect(decideWith(target, { method: 'POST' })).toMatchObject({ kind: 'forward' })
  })

  test.each([
    ['web/', 'database', '/manager'],
    ['', 'plana', '/seal'],
  ])('no way of writing %s%s%s gets through', (first, name, last) => {
    const disguise = fc.constantFrom('', '/', '//', '/./', '/x/../', '/%2e/', '/x/%2E%2e/')
    const letters = fc.array(fc.boolean(), { minLength: name.length, maxLength: name.length })
    fc.assert(
      fc.property(disguise, disguise, letters, (before, between, encoded) => {
        const word = [...name].map((letter, at) =>
          encoded[at] ? `%${letter.charCodeAt(0).toString(16)}` : letter,
        )
        const decision = decideWith(`/${before}${first}${between}${word.join('')}${last}`)
        return decision.kind === 'answer'
      }),
    )
  })
})

test('calls that name their database in the body are looked into', () => {
  for (const target of [
    '/xmlrpc/2/object',
    '/xmlrpc/common',
    '/xmlrpc//2/common',
    '/xmlrpc/2/object/',
    '/sr@latin/xmlrpc/2/object',
  ]) {
    expect(decideWith(target, { method: 'POST' })).toMatchObject({ scanBody: true })
  }
  expect(decideWith('/web/login', { method: 'POST' })).toMatchObject({ scanBody: false })
})

test('only JSON-2 gets its database by header, and it is the host’s', () => {
  expect(decideWith('/json/2/res.partner/read', { method: 'POST' })).toMatchObject({
    database: 'acme.localhost',
  })
  expect(decideWith('/web')).not.toHaveProperty('database')
})

test('an alias redirects readers and serves the others under the canonical host', () => {
  expect(decideWith('/a?b=1', { host: 'erp.acme.bg:8080' })).toMatchObject({
    kind: 'redirect',
    location: '//acme.localhost:8080/a?b=1',
  })
  expect(decideWith('/a', { host: 'erp.acme.bg', method: 'POST' })).toMatchObject({
    kind: 'forward',
    authority: 'acme.localhost',
  })
})

test.each<[RouteState['phase'], string]>([
  ['creating', 'creating'],
  ['failed', 'failed'],
  ['suspended', 'suspended'],
  ['disabled', 'disabled'],
])('an environment in phase %s is not served but has its own page', (phase, page) => {
  expect(decideWith('/', { route: routeOf({ phase }) })).toMatchObject({
    kind: 'answer',
    answer: { problem: `environment-${phase}`, page },
  })
})

test('no bytes in host or path lead to another tenant than the one whose host it is', () => {
  const served = (label: string): Route => ({
    ...routeOf(),
    environment: `${label}-prod`,
    hostname: `${label}.localhost`,
  })
  const hosts = new Map([
    ['acme.localhost', served('acme')],
    ['erp.acme.bg', served('acme')],
    ['beta.localhost', served('beta')],
  ])
  const methods = fc.constantFrom('GET', 'HEAD', 'POST', 'PROPFIND')
  let reached = 0
  fc.assert(
    fc.property(strangeHosts, strangeTargets, methods, (host, target, method) => {
      const find = (name: string) => hosts.get(name)
      const decision = decide({ method, target, host }, { find })
      if (!decision.kind.match(/forward|redirect/)) return
      reached += 1
      const asked = host.toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '')
      const own = hosts.get(asked)
      expect(decision).toMatchObject({ route: { environment: own?.environment } })
      if (decision.kind === 'redirect') {
        expect(new URL(decision.location, 'http://x').hostname).toBe(own?.hostname)
      }
      if (decision.kind !== 'forward') return
      expect(decision.authority).toMatch(/^(acme|beta)\.localhost(:\d{1,5})?$/)
      expect(decision.authority.split(':')[0]).toBe(own?.hostname)
      expect([undefined, own?.hostname]).toContain(decision.database)
    }),
    { numRuns: 5000 },
  )
  expect(reached).toBeGreaterThan(100)
})
