import { createServer as createHttpServer, IncomingMessage, type RequestListener } from 'node:http'
import { createServer, Socket } from 'node:net'
import { expect, test, vi } from 'vitest'
import {
  backendAt,
  eventually,
  fetchFrom,
  listen,
  openSocket,
  routeTo,
  serve,
  sleeper,
  startGateway,
  wakerOf,
} from './gateway-under-test.suite.ts'
import { createManualClock } from './manual-clock.suite.ts'
import { BodyRefused, readBody } from './request-body.ts'

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

/** A body of which we say when a piece of it comes; it may pause for a minute. */
function bodyByHand() {
  const clock = createManualClock()
  const request = new IncomingMessage(new Socket())
  const limits = {
    bodyBytesMax: 1024 ** 3,
    requestIdleTimeoutMs: 60_000,
    bodyBytesPerSecondMin: 500,
  }
  const chunks = readBody(request, limits, clock)
  return {
    clock,
    /** So much comes after such a wait. */
    async take(bytes: number, afterMs: number): Promise<number> {
      const come = async () => {
        await clock.advance(afterMs)
        request.push(Buffer.alloc(bytes))
      }
      const [next] = await Promise.all([chunks.next(), come()])
      return next.value?.length ?? 0
    },
  }
}

test('a body that trickles is refused, however fast it began', async () => {
  const { take } = bodyByHand()
  await take(100 * 1024 * 1024, 0)
  let trickled = 0
  const trickle = async () => {
    for (;;) trickled += await take(1, 5_000)
  }
  await expect(trickle()).rejects.toThrow(BodyRefused)
  expect(trickled).toBe(12)
})

test('a body on a slow line is read for as long as it takes, and may pause', async () => {
  const { take } = bodyByHand()
  let taken = 0
  for (let second = 0; second < 3600; second += 1) taken += await take(1024, 1_000)
  taken += await take(30_000, 59_000)
  taken += await take(30_000, 59_000)
  expect(taken).toBe(3600 * 1024 + 60_000)
})

test('a pause is paid for by what was sent: after a long one, the next is as long as that has earned', async () => {
  const { take } = bodyByHand()
  await take(10_000, 40_000)
  expect(await take(10_000, 39_900)).toBe(10_000)
  await expect(take(10_000, 40_000)).rejects.toThrow(BodyRefused)
})

test('while nobody reads a body, it has time', async () => {
  const { clock, take } = bodyByHand()
  await take(1, 50_000)
  await clock.advance(3600_000)
  expect(await take(1, 9_000)).toBe(1)
  expect(await take(1, 900)).toBe(1)
})

test('a body that trickles frees its worker: a 408, and the connection to the backend is cut', async () => {
  const ended = vi.fn()
  const server = createServer((socket) => {
    socket.on('close', ended)
    socket.on('data', (chunk) => {
      if (chunk.toString().startsWith('GET')) socket.end('HTTP/1.0 200 OK\r\n\r\nfree')
    })
  })
  const route = routeTo('acme', [backendAt(await listen(server))])
  const port = await serve([route], {
    waker: wakerOf([route], { concurrency: 1, wakeTimeoutMs: 60_000 }),
    limits: { requestIdleTimeoutMs: 100, bodyBytesPerSecondMin: 1_000 },
  })
  const fast = 'x'.repeat(100_000)
  const client = openSocket(port, `${head('/upload', 'Content-Length: 1000000')}\r\n${fast}`)
  const trickling = setInterval(() => client.socket.write('x'), 10)
  await client.closed
  clearInterval(trickling)
  expect(client.received()).toMatch(/^HTTP\/1\.1 408 [\s\S]*\/problems\/request-timeout"/)
  await eventually(() => expect(ended).toHaveBeenCalledTimes(1))
  // With one place at a time: it is free again.
  expect((await fetchFrom(port, '/')).body).toBe('free')
})

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
