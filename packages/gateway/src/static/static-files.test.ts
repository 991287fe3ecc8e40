import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, realpath, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import type { IncomingHttpHeaders } from 'node:http'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { strangeTargets } from '../strange-bytes.suite.ts'
import { createStaticFiles } from './static-files.ts'
import { readStaticFolders, withoutOwn } from './static-folders.ts'

const now = Date.UTC(2026, 10, 28, 21, 46, 57)
const changed = new Date(Date.UTC(2025, 7, 1, 10, 53, 43))
const owners = [userInfo().uid]

async function underTest(own: readonly string[] = []) {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'pulse-static-')))
  onTestFinished(() => rm(root, { recursive: true }))
  const addons = join(root, 'addons')
  for (const module of ['web', 'sale']) {
    await mkdir(join(addons, module, 'static/src'), { recursive: true })
    await writeFile(join(addons, module, '__manifest__.py'), '{}')
  }
  await put(join(addons, 'web/static/src/rpc.js'), '0123456789')
  await put(join(addons, 'web/static/logo.png'), 'png')
  await put(join(addons, 'web/secret.py'), 'secret')
  await put(join(root, 'outside.js'), 'outside')
  const folders = withoutOwn(await readStaticFolders([addons], owners), own)
  const files = createStaticFiles({
    source: { foldersOf: (name) => (name === 'acme-prod' ? folders : undefined) },
    owners,
    now: () => now,
  })
  async function get(target: string, headers: IncomingHttpHeaders = {}, method = 'GET') {
    const answer = await files.answer('acme-prod', { method, target, headers })
    return answer && { ...answer, body: answer.body && (await text(answer.body)) }
  }
  return { root, addons, files, get }
}

async function put(path: string, content: string) {
  await writeFile(path, content)
  await chmod(path, 0o644)
  await utimes(path, changed, changed)
}

describe('a static file of the runtime', () => {
  test('is answered with the headers that Odoo gives it', async () => {
    const { get } = await underTest()
    expect(await get('/web/static/src/rpc.js')).toEqual({
      status: 200,
      headers: {
        'Accept-Ranges': 'bytes',
        'Cache-Control': 'public, max-age=604800',
        'Content-Disposition': 'inline; filename=rpc.js',
        'Content-Length': '10',
        'Content-Type': 'text/javascript; charset=utf-8',
        ETag: expect.stringMatching(/^"1754045623-10-\d+"$/),
        Expires: 'Sat, 05 Dec 2026 21:46:57 GMT',
        'Last-Modified': 'Fri, 01 Aug 2025 10:53:43 GMT',
        'X-Content-Type-Options': 'nosniff',
      },
      body: '0123456789',
    })
    const picture = await get('/web/static/logo.png?debug=1')
    expect(picture?.headers).toMatchObject({
      'Content-Type': 'image/png',
      'Content-Security-Policy': "default-src 'none'",
    })
  })

  test('has no body for HEAD', async () => {
    const { get } = await underTest()
    const answer = await get('/web/static/src/rpc.js', {}, 'HEAD')
    expect([answer?.status, answer?.headers['Content-Length'], answer?.body]).toEqual([
      200,
      '10',
      undefined,
    ])
  })

  test('is not sent again to who has it', async () => {
    const { get } = await underTest()
    const etag = (await get('/web/static/src/rpc.js'))?.headers.ETag
    for (const headers of [
      { 'if-none-match': etag },
      { 'if-none-match': `"x", W/${etag}` },
      { 'if-none-match': '*' },
      { 'if-modified-since': changed.toUTCString() },
    ]) {
      const answer = await get('/web/static/src/rpc.js', headers)
      expect([answer?.status, answer?.headers.ETag, answer?.body]).toEqual([304, etag, undefined])
    }
    for (const headers of [
      { 'if-none-match': '"x"', 'if-modified-since': changed.toUTCString() },
      { 'if-modified-since': 'Thu, 01 Jan 1970 00:00:00 GMT' },
      { 'if-modified-since': 'yesterday' },
    ]) {
      expect((await get('/web/static/src/rpc.js', headers))?.status).toBe(200)
    }
  })

  test.each([
    ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
    ['bytes=7-', 206, '789', 'bytes 7-9/10'],
    ['bytes=-3', 206, '789', 'bytes 7-9/10'],
    ['bytes=-30', 206, '0123456789', 'bytes 0-9/10'],
    ['bytes=0-99', 206, '0123456789', 'bytes 0-9/10'],
    ['bytes=10-', 416, undefined, 'bytes */10'],
    ['bytes=-0', 416, undefined, 'bytes */10'],
    ['bytes=4-2', 200, '0123456789', undefined],
    ['bytes=0-1,4-5', 200, '0123456789', undefined],
    ['bytes=-', 200, '0123456789', undefined],
    ['lines=1-2', 200, '0123456789', undefined],
  ])('range %s gives %s', async (range, status, body, contentRange) => {
    const { get } = await underTest()
    const answer = await get('/web/static/src/rpc.js', { range })
    expect([answer?.status, answer?.body, answer?.headers['Content-Range']]).toEqual([
      status,
      body,
      contentRange,
    ])
  })

  test('is sent whole when the part asked for is of another version', async () => {
    const { get } = await underTest()
    const range = 'bytes=0-1'
    const etag = (await get('/web/static/src/rpc.js'))?.headers.ETag
    const statusOf = async (ifRange: string | undefined) =>
      (await get('/web/static/src/rpc.js', { range, ...(ifRange && { 'if-range': ifRange }) }))
        ?.status
    expect(await statusOf(etag)).toBe(206)
    expect(await statusOf(changed.toUTCString())).toBe(206)
    expect(await statusOf('"other"')).toBe(200)
  })
})

test('a runtime may stand behind a link', async () => {
  const { addons, root } = await underTest()
  await symlink(addons, join(root, 'current'))
  const folders = await readStaticFolders([join(root, 'current')], owners)
  expect(folders.get('web')).toBe(join(addons, 'web/static'))
})

describe('Odoo answers instead', () => {
  test('for every module that the environment brings along itself', async () => {
    const { get } = await underTest(['web'])
    expect(await get('/web/static/src/rpc.js')).toBeUndefined()
  })

  test('while it is not known which those are', async () => {
    const { files } = await underTest()
    const request = { method: 'GET', target: '/web/static/src/rpc.js', headers: {} }
    expect(await files.answer('other-prod', request)).toBeUndefined()
  })

  test.each([
    '/web/static/missing.js',
    '/web/static/src',
    '/web/static/',
    '/web/secret.py',
    '/web/static/../secret.py',
    '/web/static/%2e%2e/secret.py',
    '/web/static/..%2fsecret.py',
    '/web/static/..\\secret.py',
    '/web/static/src/../src/rpc.js',
    '/web/static//src/rpc.js',
    '/web/static/./src/rpc.js',
    '/web/static/src/%72pc.js',
    '/web/static/src/rpc.js%00.png',
    '/web/static/src/rpc.js/',
    '/web/static/.hidden',
    '/nope/static/src/rpc.js',
    '/../web/static/src/rpc.js',
    '//web/static/src/rpc.js',
    '/bg/web/static/src/rpc.js',
    '/addons/static/web',
  ])('for %s', async (target) => {
    const { get, addons } = await underTest()
    await put(join(addons, 'web/static/.hidden'), 'hidden')
    expect(await get(target)).toBeUndefined()
  })

  test('for links, pipes and what others may write', async () => {
    const { get, addons, root } = await underTest()
    const folder = join(addons, 'web/static')
    await symlink(join(root, 'outside.js'), join(folder, 'link.js'))
    await symlink(root, join(folder, 'linked'))
    await put(join(folder, 'writable.js'), 'x')
    await chmod(join(folder, 'writable.js'), 0o666)
    execFileSync('mkfifo', [join(folder, 'pipe.js')])
    for (const path of ['link.js', 'linked/outside.js', 'writable.js', 'pipe.js']) {
      expect(await get(`/web/static/${path}`)).toBeUndefined()
    }
  })

  test('for a module without manifest, a folder that is a link, and one that stands twice', async () => {
    const { addons, root } = await underTest()
    const more = join(root, 'more')
    await mkdir(join(more, 'sale/static'), { recursive: true })
    await writeFile(join(more, 'sale/__manifest__.py'), '{}')
    await mkdir(join(more, 'plain/static'), { recursive: true })
    await mkdir(join(more, 'linked'), { recursive: true })
    await writeFile(join(more, 'linked/__manifest__.py'), '{}')
    await symlink('/etc', join(more, 'linked/static'))
    const folders = await readStaticFolders([addons, more], owners)
    expect([...folders.keys()]).toEqual(['web'])
    expect([...(await readStaticFolders([addons], [owners[0] === 0 ? 1 : 0])).keys()]).toEqual([])
  })

  test('for POST', async () => {
    const { get } = await underTest()
    expect(await get('/web/static/src/rpc.js', {}, 'POST')).toBeUndefined()
  })
})

test('no target of any bytes reads what is not a static file', async () => {
  const { get } = await underTest()
  const prefixed = strangeTargets.map((target) => `/web/static${target}`)
  await fc.assert(
    fc.asyncProperty(fc.oneof(strangeTargets, prefixed), async (target) => {
      expect(['0123456789', 'png', undefined]).toContain((await get(target))?.body)
    }),
    { numRuns: 500 },
  )
})
