import type { IncomingHttpHeaders } from 'node:http'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyBytes, strangeTargets } from '../strange-bytes.suite.ts'
import { classify } from './classify.ts'
import { parseMonitors } from './monitors.ts'
import type { RequestClassName } from './request-class.ts'
import { requestClasses } from './request-classes.ts'

const session = { cookie: 'frontend_lang=bg_BG; session_id=abc' }
const html = { accept: 'text/html,application/xhtml+xml' }
const navigation = { ...html, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
const script = { accept: '*/*', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }
const json = { 'content-type': 'application/json; charset=utf-8' }
const google = {
  'user-agent': 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
}
const curl = { 'user-agent': 'curl/8.5.0', accept: '*/*' }

const examples: readonly (readonly [RequestClassName, string, IncomingHttpHeaders])[] = [
  ['websocket', 'GET /websocket?version=18.0-7', { upgrade: 'WebSocket', ...session }],
  ['other', 'POST /websocket', { upgrade: 'websocket' }],
  ['long-poll', 'POST /longpolling/poll', { ...json, ...session }],
  ['health', 'GET /web/health', curl],
  ['health', 'GET /web//health?db_server_status=1', {}],
  ['health', 'HEAD /web/%68ealth', {}],
  ['other', 'POST /web/health', {}],
  ['page', 'GET /WEB/HEALTH', navigation],
  ['monitor', 'GET /web/login', { 'user-agent': 'Mozilla/5.0 (compatible; UptimeRobot/2.0)' }],
  ['prefetch', 'GET /odoo', { ...navigation, ...session, 'sec-purpose': 'prefetch;prerender' }],
  ['prefetch', 'GET /shop', { ...html, 'x-moz': 'prefetch' }],
  [
    'form-post',
    'POST /shop',
    { 'content-type': 'multipart/form-data; boundary=x', purpose: 'prefetch' },
  ],
  ['search-engine', 'GET /shop', { ...html, ...google }],
  ['search-engine', 'GET /web/assets/3ab77c1/web.assets_frontend.min.js', google],
  ['link-preview', 'GET /my/orders/1', { 'user-agent': 'facebookexternalhit/1.1' }],
  [
    'bot',
    'GET /',
    { 'user-agent': 'Mozilla/5.0 (compatible; NewBot/1.0; +https://new.example/bot)' },
  ],
  ['page', 'GET /', { ...html, 'user-agent': 'Mozilla/5.0 (Linux; Android 9; CUBOT_X18_Plus)' }],
  ['page', 'GET /odoo', { ...html, ...google, ...session }],
  ['xml-rpc', 'POST /xmlrpc/2/object', { 'user-agent': 'ShopBot/1.0 (+https://shop.example)' }],
  ['robots', 'GET /robots.txt', curl],
  ['robots', 'GET /sitemap-1-abc.xml', curl],
  ['favicon', 'GET /favicon.ico', { ...session, 'sec-fetch-dest': 'image' }],
  ['browser-chore', 'GET /web/service-worker.js', { 'service-worker': 'script' }],
  ['browser-chore', 'GET /apple-touch-icon-120x120-precomposed.png', {}],
  ['browser-chore', 'GET /.well-known/traffic-advice', {}],
  ['other', 'GET /.well-known/openid-configuration', curl],
  ['static-file', 'GET /web/static/src/core/network/rpc.js', session],
  ['other', 'POST /web/static/x.js', session],
  ['asset-bundle', 'GET /web/assets/1/3ab77c1/web.assets_frontend.min.css', session],
  ['subresource', 'GET /web/assets/debug/web.assets_web.js', { 'sec-fetch-dest': 'script' }],
  ['unique-file', 'GET /web/image/12-3ab77c1d/logo.png', session],
  ['unique-file', 'GET /web/image/res.partner/7/avatar_128?unique=3ab77c1d', session],
  ['subresource', 'GET /web/image/res.partner/7/avatar_128', { 'sec-fetch-dest': 'image' }],
  ['subresource', 'GET /mail/track/1/token/blank.gif', { accept: 'image/avif,image/webp,*/*' }],
  ['tab-poll', 'POST /websocket/update_bus_presence', { ...json, ...session }],
  ['tab-return', 'POST /web/webclient/version_info', { ...json, ...script }],
  ['tab-return', 'POST /bus/has_missed_notifications', { ...json, ...session }],
  ['api-login', 'POST /web/session/authenticate', json],
  ['json-2', 'POST /json/2/res.partner/search', { authorization: 'bearer x', ...json }],
  [
    'form-post',
    'POST /web/login',
    { ...navigation, 'content-type': 'application/x-www-form-urlencoded' },
  ],
  ['xhr', 'POST /web/dataset/call_kw/res.partner/web_read', { ...json, ...session }],
  ['xhr', 'GET /web/webclient/load_menus/3ab77c1', { ...script, ...session }],
  ['xhr', 'GET /shop', { ...html, 'x-requested-with': 'XMLHttpRequest' }],
  ['download', 'GET /web/content/12?download=true', navigation],
  ['download', 'GET /report/pdf/sale.report_saleorder/3', navigation],
  ['page', 'GET /odoo/sales', navigation],
  ['page', 'GET /my', html],
  ['page', 'GET /', { ...html, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }],
  ['other', 'GET /report', { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'embed' }],
  ['head', 'HEAD /', curl],
  ['head', 'HEAD /shop', html],
  ['other', 'GET /', curl],
  [
    'other',
    'POST /payment/stripe/webhook',
    { 'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)' },
  ],
  ['xhr', 'OPTIONS /im_livechat/init', { 'sec-fetch-mode': 'cors' }],
]

test.each(examples)('%s: %s', (name, line, headers) => {
  const [method = '', target = ''] = line.split(' ')
  expect(classify({ method, target }, headers).name).toBe(name)
})

test('every class has an example', () => {
  const seen = new Set(examples.map(([name]) => name))
  const missing = requestClasses.map(({ name }) => name).filter((name) => !seen.has(name))
  expect(missing).toEqual(['search-engine-due'])
})

test('each class stands in the table once', () => {
  const names = requestClasses.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
})

test('no health check, monitor, crawler, prefetch or chore of a browser wakes a tenant or keeps it awake', () => {
  const uptime = { 'user-agent': 'Uptime-Kuma/1.23' }
  const preview = { 'user-agent': 'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)' }
  const visits: readonly (readonly [string, IncomingHttpHeaders])[] = [
    ...['/web/health', '/robots.txt', '/favicon.ico', '/sitemap.xml'].map(
      (path) => [path, curl] as const,
    ),
    ...[uptime, preview, google, { ...navigation, 'sec-purpose': 'prefetch' }].flatMap((headers) =>
      ['/', '/web/login', '/web/image/1', '/web/static/x.js'].map(
        (path) => [path, headers] as const,
      ),
    ),
    ['/web/service-worker.js', { ...session, 'service-worker': 'script' }],
    ['/apple-touch-icon.png', {}],
  ]
  for (const [target, headers] of visits) {
    const { wakes, activity, asleep } = classify({ method: 'GET', target }, headers)
    expect([target, wakes, activity, asleep.kind]).toEqual([target, false, false, 'answer'])
  }
})

test('a search engine wakes only when its visit is due', () => {
  const request = { method: 'GET', target: '/shop' }
  const due = classify(request, google, { searchEnginesDue: true })
  expect([due.name, due.wakes, due.activity]).toEqual(['search-engine-due', true, false])
  expect(classify(request, google).wakes).toBe(false)
})

test('a declared monitor is known by its name or its address, session or not', () => {
  const monitors = parseMonitors(['AcmeWatch', '192.0.2.0/24', '2001:db8::/32'])
  const nameOf = (headers: IncomingHttpHeaders, clientAddress: string) =>
    classify({ method: 'GET', target: '/web/login' }, headers, { monitors, clientAddress }).name
  expect(nameOf({ ...html, ...session, 'user-agent': 'acmewatch/2' }, '198.51.100.1')).toBe(
    'monitor',
  )
  expect(nameOf(html, '::ffff:192.0.2.7')).toBe('monitor')
  expect(nameOf(html, '2001:db8::1')).toBe('monitor')
  expect(nameOf(html, '198.51.100.1')).toBe('page')
  expect(nameOf(html, 'garbage')).toBe('page')
})

test('a list of monitors that cannot be read is refused whole', () => {
  expect(() => parseMonitors(['bot', 'x'])).toThrow('“bot”, “x”')
  expect(() => parseMonitors(['10.0.0.0/33'])).toThrow('“10.0.0.0/33”')
})

describe('whatever a request says', () => {
  const names = [
    ...['accept', 'authorization', 'content-type', 'cookie', 'purpose', 'sec-fetch-dest'],
    ...['sec-fetch-mode', 'sec-purpose', 'service-worker', 'upgrade', 'user-agent'],
  ]
  const anyHeaders = fc.dictionary(fc.constantFrom(...names), anyBytes)
  const methods = fc.constantFrom('GET', 'HEAD', 'POST', 'OPTIONS', 'PROPFIND')

  test('it has a class', () => {
    fc.assert(
      fc.property(methods, strangeTargets, anyHeaders, (method, target, headers) => {
        expect(requestClasses).toContain(classify({ method, target }, headers))
      }),
      { numRuns: 2000 },
    )
  })

  test('a request that may change something is never answered in Odoo’s place or given a waiting page', () => {
    const answered = /^(websocket|long-poll|tab-poll)$/
    fc.assert(
      fc.property(strangeTargets, anyHeaders, (target, headers) => {
        const { name, asleep } = classify({ method: 'POST', target }, headers)
        if (!answered.test(name)) expect(asleep.kind).toBe('hold')
      }),
      { numRuns: 2000 },
    )
  })

  test('a person’s navigation always wakes, however its path is written', () => {
    const odd = fc.constantFrom('/', '//', '/./', '/x/../', '/%2e/', '/%2F', '\\')
    const person = { ...navigation, ...session, 'user-agent': 'Mozilla/5.0 Firefox/140.0' }
    fc.assert(
      fc.property(
        fc.array(odd, { maxLength: 4 }),
        fc.constantFrom('odoo', 'my', 'Web/Health'),
        (parts, end) => {
          const row = classify({ method: 'GET', target: `/${parts.join('')}${end}` }, person)
          expect([row.wakes, row.activity]).toEqual([true, true])
        },
      ),
    )
  })

  test.each([
    '/web/assets/../session/x',
    '/web/assets/%2e%2e/login/x',
    '/web/static/../../web/login',
    '/web/static/%2e%2e/login',
    '/web/assets/any/web.assets_web.min.js',
    '/web/assets/%25/web.assets_web.min.js',
    '/web/assets/_______/web.assets_web.min.js',
    '/web/webclient/load_menus/3ab77c1d',
    '/web/webclient/translations/3ab77c1d?lang=bg_BG',
    '/web/image/12?unique=%',
  ])('%s is nothing to keep', (target) => {
    expect(classify({ method: 'GET', target }, session).asleep.kind).not.toBe('cache')
  })

  test('a long User-Agent costs no more than a short one', () => {
    const userAgent = 'a'.repeat(20_000)
    const row = classify(
      { method: 'GET', target: '/' },
      { ...html, 'user-agent': `${userAgent}Googlebot` },
    )
    expect(row.name).toBe('page')
  })
})
