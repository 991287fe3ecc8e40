import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { RequestFacts } from '../gateway.ts'
import {
  backendAt,
  eventually,
  fetchFrom,
  listen,
  routeTo,
  serve,
  sleeper,
} from '../gateway-under-test.suite.ts'
import { readStaticFolders } from '../static/static-folders.ts'

const page = { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
const bundle = '/web/assets/1/3ab77c1/web.assets_frontend.min.js'
const immutable = { 'cache-control': 'public, max-age=31536000, immutable' }

/** Answers as Odoo does, and notes what it is asked. */
function odoo(asked: string[]) {
  const pixel = Buffer.from('R0lGODlhAQABAAAAACw=', 'base64')
  return createServer((request, response) => {
    const { url = '', headers } = request
    asked.push(`${url} ${headers.cookie ?? 'no cookie'}`)
    if (url === '/robots.txt') return response.end('User-agent: *\nSitemap: /sitemap.xml')
    if (url === '/logo.png') return response.setHeader('content-type', 'image/gif').end(pixel)
    if (url === bundle) return response.writeHead(200, immutable).end('the bundle')
    return response.end(`Odoo says ${url}`)
  })
}

async function start(asked: string[], more: Parameters<typeof serve>[1] = {}) {
  const facts: RequestFacts[] = []
  const tenant = sleeper({}, { wakeTimeoutMs: 30_000 })
  const port = await serve([routeTo('acme', [])], {
    waker: tenant.waker,
    life: { patienceMs: 0 },
    onRequest: (fact) => facts.push(fact),
    ...more,
    admission: { ownQuestionsDelayMs: 0, ...more.admission },
  })
  const backend = backendAt(await listen(odoo(asked)))
  return {
    ...tenant,
    port,
    facts,
    async wake() {
      const reply = fetchFrom(port, '/hello', { headers: { 'sec-fetch-mode': 'cors' } })
      await eventually(() => expect(tenant.writes.length).toBeGreaterThan(0))
      tenant.bring(backend)
      expect((await reply).body).toBe('Odoo says /hello')
    },
  }
}

test('what Odoo gave last is given while it sleeps: rules for crawlers, and the logo for those who wait', async () => {
  const asked: string[] = []
  const tenant = await start(asked)
  await tenant.wake()
  await eventually(() => expect(asked).toContain('/logo.png no cookie'))
  await vi.waitFor(async () => {
    tenant.sleep()
    const robots = await fetchFrom(tenant.port, '/robots.txt')
    expect(robots).toMatchObject({ status: 200, body: 'User-agent: *\nSitemap: /sitemap.xml' })
  })
  expect(tenant.writes).toHaveLength(1)
  tenant.fail('it does not start')
  await vi.waitFor(async () => {
    const shown = await fetchFrom(tenant.port, '/odoo', { headers: page })
    expect(shown.body).toContain('it does not start')
    expect(shown.body).toContain('<img src="data:image/gif;base64,')
  })
  expect(asked.filter((question) => question.startsWith('/robots'))).toHaveLength(1)
})

test('the gateway’s own questions are no activity, and wake nobody', async () => {
  const asked: string[] = []
  const tenant = await start(asked)
  await tenant.wake()
  tenant.sleep()
  await fetchFrom(tenant.port, '/web/health')
  expect(tenant.writes).toHaveLength(1)
})

test('an asset bundle is asked for once, and given to all, asleep or awake', async () => {
  const asked: string[] = []
  const tenant = await start(asked)
  await tenant.wake()
  for (let times = 0; times < 2; times += 1) {
    const reply = await fetchFrom(tenant.port, bundle, { headers: { cookie: 'session_id=a' } })
    expect(reply).toMatchObject({ status: 200, body: 'the bundle' })
  }
  tenant.sleep()
  expect((await fetchFrom(tenant.port, bundle)).body).toBe('the bundle')
  expect(asked.filter((question) => question.startsWith(bundle))).toHaveLength(1)
  expect(tenant.writes).toHaveLength(1)
  await eventually(() =>
    expect(tenant.facts.filter(({ handled }) => handled === 'copy')).toHaveLength(2),
  )
})

test('files of the runtime are served while a tenant sleeps, and others are held', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'static-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await mkdir(join(folder, 'web/static/src'), { recursive: true })
  await writeFile(join(folder, 'web/__manifest__.py'), '{}')
  await writeFile(join(folder, 'web/static/src/app.js'), 'let odoo')
  for (const part of ['web', 'web/static', 'web/static/src']) await chmod(join(folder, part), 0o755)
  await chmod(join(folder, 'web/static/src/app.js'), 0o644)
  const owners = [process.getuid?.() ?? 0]
  const folders = await readStaticFolders([folder], owners)
  const files = { source: { foldersOf: () => folders }, owners }
  const tenant = await start([], { admission: { files } })
  const asleep = await fetchFrom(tenant.port, '/web/static/src/app.js')
  expect(asleep).toMatchObject({ status: 200, body: 'let odoo' })
  expect(tenant.writes).toEqual([])
  const own = fetchFrom(tenant.port, '/theirs/static/x.js')
  await tenant.wake()
  expect((await own).body).toBe('Odoo says /theirs/static/x.js')
  expect((await fetchFrom(tenant.port, '/web/static/src/app.js')).body).toBe('let odoo')
})
