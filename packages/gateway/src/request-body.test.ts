import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { expect, test, vi } from 'vitest'
import {
  eventually,
  fetchFrom,
  openSocket,
  routeTo,
  serve,
  sleeper,
  startGateway,
} from './gateway-under-test.suite.ts'

/** Whoever would wait is told to come again. */
const none = { requestsPerEnvironment: 0, bytesPerEnvironment: 0, requests: 0, bytes: 0 }

const head = (path: string, ...headers: string[]) =>
  ['POST ', path, ' HTTP/1.1\r\nHost: acme.localhost\r\n', ...headers.map((h) => `${h}\r\n`)].join(
    '',
  )

const sink: RequestListener = (request, response) => {
  request.on('error', () => {})
  request.resume().on('end', () => response.end('ok'))
}

test('a body over the limit is a 413, announced or not', async () => {
  const port = await startGateway(createHttpServer(sink), { limits: { bodyBytesMax: 1000 } })
  const body = Buffer.alloc(2000)
  const send = (headers: Record<string, string>) =>
    fetchFrom(port, '/upload', { method: 'POST', body, headers })
  expect((await send({ 'content-length': '2000' })).status).toBe(413)
  expect((await send({ 'transfer-encoding': 'chunked' })).status).toBe(413)
})

test.each([
  ['is passed on', '/upload', 'first'],
  ['is looked into', '/xmlrpc/2/common', '<methodCall><methodName>log'],
])(
  'a body that stops coming while it %s is a 408, and its connection ends',
  async (_how, path, part) => {
    const facts = vi.fn()
    const port = await startGateway(createHttpServer(sink), {
      limits: { requestIdleTimeoutMs: 50 },
      onRequest: facts,
    })
    const client = openSocket(port, `${head(path, 'Content-Length: 1000')}\r\n${part}`)
    await client.closed
    expect(client.received()).toMatch(/^HTTP\/1\.1 408 /)
    expect(client.received()).toMatch(/connection: close/i)
    expect(client.received()).toContain('/problems/request-timeout"')
    await eventually(() =>
      expect(facts).toHaveBeenCalledWith(expect.objectContaining({ status: 408 })),
    )
  },
)

test('a head that stops coming ends its connection', async () => {
  const port = await startGateway(createHttpServer(sink), { limits: { requestHeadTimeoutMs: 50 } })
  const client = openSocket(port, head('/upload'))
  await client.closed
  expect(client.received()).toMatch(/^HTTP\/1\.1 408 /)
})

test('people whose upload stops get a page', async () => {
  const port = await startGateway(createHttpServer(sink), { limits: { requestIdleTimeoutMs: 50 } })
  const headers = head('/upload', 'Accept: text/html', 'Transfer-Encoding: chunked')
  const client = openSocket(port, `${headers}\r\n5\r\nfirst\r\n`)
  await client.closed
  expect(client.received()).toMatch(/^HTTP\/1\.1 408 [\s\S]*<h1>The upload stopped on its way/)
})

test('a backend that is slow to read is no pause of the client', async () => {
  const release = Promise.withResolvers<void>()
  const reached = Promise.withResolvers<void>()
  const server = createHttpServer(async (request, response) => {
    reached.resolve()
    await release.promise
    let bytes = 0
    for await (const chunk of request) bytes += chunk.length
    response.end(String(bytes))
  })
  const port = await startGateway(server, { limits: { requestIdleTimeoutMs: 100 } })
  const body = Buffer.alloc(32 * 1024 * 1024)
  const reply = fetchFrom(port, '/upload', { method: 'POST', body })
  await reached.promise
  // Another client pauses for as long as one may: the time is over when it is sent away.
  const pausing = openSocket(port, `${head('/xmlrpc/2/common', 'Content-Length: 9')}\r\n<`)
  await pausing.closed
  expect(pausing.received()).toMatch(/^HTTP\/1\.1 408 /)
  release.resolve()
  expect((await reply).body).toBe(String(body.length))
})

test('a connection whose body was not read to its end carries no further request', async () => {
  const server = createHttpServer((_request, response) => response.end('no thanks'))
  const port = await startGateway(server)
  const client = openSocket(port, `${head('/upload', 'Content-Length: 1000')}\r\nfirst`)
  await client.closed
  expect(client.received()).toContain('no thanks')
})

test.each([
  ['a page', '/upload', 'Accept: text/html\r\n'],
  ['a problem', '/upload', ''],
  ['a fault', '/xmlrpc/2/object', ''],
  ['a plain text', '/websocket/peek_notifications', ''],
])(
  '%s that is sent before the body was read says that its connection ends',
  async (_what, path, more) => {
    const port = await serve([routeTo('acme', [])], {
      waker: sleeper().waker,
      life: { hold: none },
    })
    const client = openSocket(port, `${head(path, 'Content-Length: 1000')}${more}\r\nfirst`)
    await client.closed
    expect(client.received()).toMatch(/^HTTP\/1\.1 (200|503) /)
    expect(client.received()).toMatch(/^connection: close\r$/im)
  },
)

test('a connection whose bodies were read carries one request after the other', async () => {
  const port = await startGateway(createHttpServer(sink))
  const post = `${head('/upload', 'Content-Length: 5')}\r\nfirst`
  const client = openSocket(port, post)
  await eventually(() => expect(client.received().match(/ok/g)).toHaveLength(1))
  client.socket.write(post + post)
  await eventually(() => expect(client.received().match(/ok/g)).toHaveLength(3))
})
