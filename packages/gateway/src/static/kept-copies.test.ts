import type { IncomingHttpHeaders } from 'node:http'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { adler32 } from './adler32.ts'
import { createKeptCopies, defaultKeptLimits, type KeptLimits } from './kept-copies.ts'
import { ownQuestions } from './kept-kinds.ts'

const bundle = '/web/assets/3ab77c1/web.assets_web.min.js'
const image = '/web/image/res.partner/7/avatar_128?unique=3ab77c1d'
const lasting = {
  'content-type': 'text/javascript; charset=utf-8',
  'cache-control': 'public, max-age=31536000, immutable',
  etag: '"abc"',
}
const session = { cookie: 'session_id=abc' }

function underTest(limits: Partial<KeptLimits> = {}) {
  const clock = { ms: 1_000_000 }
  const copies = createKeptCopies(() => clock.ms, { ...defaultKeptLimits, ...limits })
  const ask = (target: string, headers: IncomingHttpHeaders = {}, method = 'GET') => ({
    method,
    target,
    headers: { host: 'acme.localhost', ...headers },
  })
  /** Whether it was taken. */
  function pass(target: string, body: string, given: Passing = {}) {
    const { environment = 'acme-prod', asked = {}, status = 200, headers = lasting } = given
    const sink = copies.offer(environment, ask(target, asked), { status, headers })
    for (const chunk of body.match(/.{1,4}/gs) ?? []) sink?.write(Buffer.from(chunk))
    sink?.end()
    return sink !== undefined
  }
  const bodyOf = (target: string, environment = 'acme-prod', asleep = true) =>
    copies.find(environment, ask(target), asleep)?.body.toString()
  return { clock, copies, ask, pass, bodyOf }
}

interface Passing {
  readonly environment?: string
  readonly asked?: IncomingHttpHeaders
  readonly status?: number
  readonly headers?: IncomingHttpHeaders
}

describe('an unchanging public answer', () => {
  test('is kept from what passes by, and given with its headers', () => {
    const { copies, ask, pass, clock } = underTest()
    expect(pass(bundle, 'odoo.define()', { asked: session })).toBe(true)
    clock.ms += 5_000
    expect(copies.find('acme-prod', ask(bundle))).toEqual({
      status: 200,
      headers: { ...lasting, 'content-length': '13', age: '5' },
      body: Buffer.from('odoo.define()'),
    })
    expect(copies.find('acme-prod', ask(bundle, {}, 'HEAD'))?.body).toHaveLength(0)
    expect(copies.find('acme-prod', ask(bundle, { 'if-none-match': '"abc"' }))?.status).toBe(304)
  })

  test('is no other environment’s, host’s or query’s', () => {
    const { copies, ask, pass, bodyOf } = underTest()
    pass(image, 'png')
    expect(bodyOf(image)).toBe('png')
    expect(bodyOf(image, 'beta-prod')).toBeUndefined()
    expect(bodyOf(`${image}&width=9`)).toBeUndefined()
    expect(copies.find('acme-prod', ask(image, { host: 'erp.acme.bg' }))).toBeUndefined()
  })

  test('that is encoded goes only to who asks in the same way', () => {
    const { copies, ask, pass } = underTest()
    const headers = { ...lasting, 'content-encoding': 'br', vary: 'Accept-Encoding' }
    pass(bundle, 'br', { asked: { 'accept-encoding': 'gzip, br' }, headers })
    expect(copies.find('acme-prod', ask(bundle))).toBeUndefined()
    expect(copies.find('acme-prod', ask(bundle, { 'accept-encoding': 'gzip' }))).toBeUndefined()
    const found = copies.find('acme-prod', ask(bundle, { 'accept-encoding': 'gzip, br' }))
    expect(found?.headers['content-encoding']).toBe('br')
  })

  test('is not sent in parts, changed or written in another way', () => {
    const { copies, ask, pass, bodyOf } = underTest()
    pass(bundle, 'x')
    expect(copies.find('acme-prod', ask(bundle, { range: 'bytes=0-1' }))).toBeUndefined()
    expect(copies.find('acme-prod', ask(bundle, {}, 'POST'))).toBeUndefined()
    expect(bodyOf(bundle.replace('web.', '%77eb.'))).toBeUndefined()
    expect(bodyOf(bundle.replace('/3ab', '//3ab'))).toBeUndefined()
  })

  test('of a picture is asked for again after a day, of a bundle never', () => {
    const { clock, pass, bodyOf } = underTest()
    pass(image, 'png')
    pass(bundle, 'js')
    clock.ms += 86_400_001
    expect([bodyOf(image), bodyOf(bundle)]).toEqual([undefined, 'js'])
  })
})

describe('nothing is kept', () => {
  test.each([
    ['that shows what one user may see', '/web/webclient/load_menus/3ab77c1d', {}],
    ['in a language of the session', '/web/webclient/translations/3ab77c1d', {}],
    ['of another path, whatever it says', '/shop', {}],
    ['under a hash that is none', '/web/assets/any/web.assets_web.min.js', {}],
    ['of a bundle with parameters', `${bundle}?nocache=1`, {}],
    ['that is an error', bundle, { status: 404 }],
    ['that is a part', bundle, { status: 206 }],
    ['that leads elsewhere', bundle, { status: 301 }],
    [
      'that sets a cookie',
      bundle,
      { headers: { ...lasting, 'set-cookie': ['session_id=x', 'cart=y'] } },
    ],
    ['that varies by cookie', bundle, { headers: { ...lasting, vary: 'Accept-Encoding, Cookie' } }],
    ['that varies by anything', bundle, { headers: { ...lasting, vary: '*' } }],
    [
      'that is private',
      image,
      { headers: { 'cache-control': 'private, max-age=31536000, immutable' } },
    ],
    ['that does not say it is public', image, { headers: { 'cache-control': 'max-age=31536000' } }],
    ['that lasts a week', image, { headers: { 'cache-control': 'public, max-age=604800' } }],
    [
      'that one site may read',
      bundle,
      { headers: { ...lasting, 'access-control-allow-origin': 'https://a.b' } },
    ],
    ['of robots.txt for a session', '/robots.txt', { asked: session, headers: {} }],
    ['of robots.txt for a login', '/robots.txt', { asked: { authorization: 'x' }, headers: {} }],
  ] satisfies readonly (readonly [string, string, Passing])[])('%s', (_what, target, given) => {
    const { pass, bodyOf, copies } = underTest()
    expect(pass(target, 'body', given)).toBe(false)
    expect([bodyOf(target), copies.bytes]).toEqual([undefined, 0])
  })

  test('that came in part only', () => {
    const { copies, ask, pass, bodyOf } = underTest()
    pass(bundle, 'short', { headers: { ...lasting, 'content-length': '6' } })
    const sink = copies.offer('acme-prod', ask(bundle), { status: 200, headers: lasting })
    sink?.write(Buffer.from('half'))
    sink?.abort()
    sink?.end()
    expect(bodyOf(bundle)).toBeUndefined()
  })
})

test('a session that Odoo opened for its first reader is in no copy', () => {
  const { copies, ask, pass } = underTest()
  pass(bundle, 'js', { headers: { ...lasting, 'set-cookie': ['session_id=secret; HttpOnly'] } })
  const found = copies.find('acme-prod', ask(bundle))
  expect(found?.status).toBe(200)
  expect(JSON.stringify(found?.headers)).not.toContain('secret')
})

test('robots.txt and favicon are given only while the tenant sleeps, as Odoo gave them last', () => {
  const { copies, ask, pass, bodyOf } = underTest()
  const headers = {
    'content-type': 'text/plain',
    'set-cookie': ['session_id=x', 'frontend_lang=bg'],
  }
  pass('/robots.txt', 'Allow: /', { headers })
  pass('/robots.txt', 'Disallow: /', { headers })
  pass('/favicon.ico', '', { status: 301, headers: { location: '/web/image/website/1/favicon' } })
  expect(bodyOf('/robots.txt', 'acme-prod', false)).toBeUndefined()
  expect(bodyOf('/robots.txt')).toBe('Disallow: /')
  expect(copies.find('acme-prod', ask('/favicon.ico'), true)).toMatchObject({
    status: 301,
    headers: { location: '/web/image/website/1/favicon' },
  })
})

test('each answer to a question of the gateway’s own may be kept', () => {
  const { pass } = underTest()
  const headers = { 'set-cookie': ['session_id=x'] }
  expect(ownQuestions.map((path) => pass(path, 'x', { headers }))).toEqual([true, true, true])
})

test('the logo that strangers see is for the waiting page alone', () => {
  const { copies, pass, bodyOf } = underTest()
  const headers = {
    'content-type': 'image/png',
    'cache-control': 'no-cache',
    'access-control-allow-origin': '*',
  }
  expect(pass('/logo.png', 'mine', { asked: session, headers })).toBe(false)
  expect(pass('/logo.png', 'png', { headers })).toBe(true)
  expect(bodyOf('/logo.png')).toBeUndefined()
  expect(copies.logo('acme-prod', 'acme.localhost')).toEqual({
    mediaType: 'image/png',
    bytes: Buffer.from('png'),
  })
  expect(copies.logo('beta-prod', 'acme.localhost')).toBeUndefined()
})

describe('memory', () => {
  const at = (n: number) => `/web/assets/${String(n).padStart(7, '0')}/a.js`

  /** What a copy takes beside its body. */
  function bytesAround(target: string) {
    const { copies, pass } = underTest()
    pass(target, 'body')
    return copies.bytes - 4
  }

  test('is counted for what stands around a body too: whoever asks chooses the address, and the tenant the headers', () => {
    const { copies, pass, ask } = underTest()
    const around = bytesAround(image)
    expect(bytesAround(`${image}&a=${'x'.repeat(100)}`)).toBe(around + 103)
    const told = { ...lasting, etag: `"${'x'.repeat(100)}"` }
    pass(image, 'body', { headers: told })
    expect(copies.bytes).toBe(around + 4 + 97)
    const long = `${image}&a=${'x'.repeat(2_000)}`
    expect(pass(long, 'body')).toBe(false)
    expect(copies.find('acme-prod', ask(long))).toBeUndefined()
  })

  test('is bounded for each environment, and the least recently used go first', () => {
    const bytesPerEnvironment = 3 * (bytesAround(at(1)) + 10)
    const { pass, bodyOf } = underTest({ bytesPerEnvironment })
    for (const n of [1, 2, 3]) pass(at(n), `body of ${n}.`)
    bodyOf(at(1))
    pass(at(4), 'body of 4.')
    expect([1, 2, 3, 4].map((n) => bodyOf(at(n)) !== undefined)).toEqual([true, false, true, true])
  })

  test('holds the same body of many environments once', () => {
    const around = bytesAround(bundle)
    const { copies, pass, bodyOf } = underTest({ bytes: 3 * around + 25 })
    const environments = ['a-prod', 'b-prod', 'c-prod']
    for (const environment of environments) pass(bundle, '0123456789', { environment })
    expect(copies.bytes).toBe(3 * around + 10)
    copies.empty('a-prod')
    expect(environments.map((name) => bodyOf(bundle, name))).toEqual([
      undefined,
      '0123456789',
      '0123456789',
    ])
    copies.empty('b-prod')
    copies.empty('c-prod')
    expect(copies.bytes).toBe(0)
  })

  test('takes no body that is too large, announced or not, nor one that comes in twice', () => {
    const { copies, ask, pass, bodyOf } = underTest({ bytesPerEntry: 8 })
    expect(pass(bundle, '012345678', { headers: { ...lasting, 'content-length': '9' } })).toBe(
      false,
    )
    pass(bundle, '012345678')
    expect(bodyOf(bundle)).toBeUndefined()
    const head = { status: 200, headers: lasting }
    expect(copies.offer('acme-prod', ask(bundle), head)).toBeDefined()
    expect(copies.offer('acme-prod', ask(bundle), head)).toBeUndefined()
    expect(copies.offer('beta-prod', ask(bundle), head)).toBeDefined()
  })

  test('of bodies still coming in is bounded too', () => {
    const { copies, ask, bodyOf } = underTest({ bytesComing: 8 })
    const head = { status: 200, headers: lasting }
    const first = copies.offer('acme-prod', ask(at(1)), head)
    const second = copies.offer('acme-prod', ask(at(2)), head)
    first?.write(Buffer.from('012345'))
    second?.write(Buffer.from('012345'))
    second?.end()
    first?.write(Buffer.from('67'))
    first?.end()
    expect([bodyOf(at(1)), bodyOf(at(2))]).toEqual(['01234567', undefined])
  })

  test('never exceeds its bounds, whatever passes by', () => {
    const passing = fc.record({
      n: fc.nat({ max: 20 }),
      size: fc.nat({ max: 40 }),
      who: fc.constantFrom('a', 'b', 'c'),
      empty: fc.boolean(),
    })
    const around = bytesAround(at(0))
    const bytes = 6 * around + 100
    const bytesPerEnvironment = 3 * around + 60
    fc.assert(
      fc.property(fc.array(passing, { maxLength: 60 }), (list) => {
        const { copies, pass, bodyOf } = underTest({
          bytes,
          bytesPerEnvironment,
          entriesPerEnvironment: 4,
        })
        for (const { n, size, who, empty } of list) {
          pass(at(n), `${who}${n}`.padEnd(size, '.'), { environment: who })
          if (empty && n === 0) copies.empty(who)
          expect(copies.bytes).toBeLessThanOrEqual(bytes)
        }
        for (const who of ['a', 'b', 'c']) {
          const kept = Array.from({ length: 21 }, (_, n) => bodyOf(at(n), who)).filter(
            (body) => body !== undefined,
          )
          expect(kept.length).toBeLessThanOrEqual(4)
          const taken = kept.length * around + kept.join('').length
          expect(taken).toBeLessThanOrEqual(bytesPerEnvironment)
          expect(kept.every((body) => body.startsWith(who))).toBe(true)
          copies.empty(who)
        }
        expect(copies.bytes).toBe(0)
      }),
    )
  })
})

test('what was coming in for an environment that is emptied is not kept', () => {
  const { copies, ask, bodyOf } = underTest()
  const sink = copies.offer('acme-prod', ask(bundle), { status: 200, headers: lasting })
  sink?.write(Buffer.from('old'))
  copies.empty('acme-prod')
  sink?.write(Buffer.from('old'))
  sink?.end()
  expect(bodyOf(bundle)).toBeUndefined()
})

test('the checksum is that of RFC 1950', () => {
  expect([adler32(''), adler32('Wikipedia')]).toEqual([1, 0x11e60398])
})
