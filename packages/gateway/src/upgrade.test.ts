import { createServer as createHttpServer } from 'node:http'
import { createServer, type Server, type Socket } from 'node:net'
import { expect, test, vi } from 'vitest'
import {
  backendAt,
  eventually,
  fetchFrom,
  listen,
  openSocket,
  rawBackend,
  routeTo,
  serve,
  sleeper,
  startGateway,
  wakerOf,
} from './gateway-under-test.suite.ts'
import { refusal } from './guarded-process.suite.ts'
import { openClient, rememberingProtocol } from './parked/parked-under-test.suite.ts'
import {
  clientFrame,
  handshake,
  serverFrame,
  switchingFor,
  unmasked,
} from './websocket-under-test.suite.ts'

/** What a client would smuggle: a request of its own to the same Odoo. */
const smuggled = 'GET /web/database/manager HTTP/1.1\r\nHost: other.localhost\r\n\r\n'

/** Says the same to each chunk, and keeps the connection open. */
function stubbornBackend(answer: string | ((head: Buffer) => string | Buffer)) {
  const heard: string[] = []
  const ended = vi.fn()
  const server = createServer((socket) => {
    socket.on('data', (chunk) => {
      heard.push(chunk.toString('latin1'))
      if (heard.length === 1) socket.write(typeof answer === 'string' ? answer : answer(chunk))
      else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret')
    })
    socket.on('close', ended)
  })
  return { server, heard, ended }
}

test('a WebSocket is joined to the backend, first bytes of both sides included', async () => {
  const heads: string[] = []
  const facts = vi.fn()
  const backend = createServer((socket) => {
    socket.once('data', (chunk) => {
      heads.push(chunk.toString('latin1'))
      socket.write(Buffer.concat([Buffer.from(switchingFor(chunk)), serverFrame('hello')]))
      socket.on('data', (more) => socket.write(serverFrame(`echo ${unmasked(more)}`)))
    })
  })
  const port = await startGateway(backend, { onRequest: facts })
  const client = openSocket(port, Buffer.concat([Buffer.from(handshake()), clientFrame('early')]))
  await eventually(() => expect(client.received()).toContain('hello'))
  expect(client.received()).toMatch(/^HTTP\/1\.1 101 /)
  expect(heads[0]).toMatch(/upgrade: websocket/i)
  expect(heads[0]).toMatch(/\r\nhost: acme\.localhost:8080\r\n/i)
  expect(heads[0]).not.toMatch(/sec-websocket-extensions/i)
  await eventually(() => expect(client.received()).toContain('echo early'))
  client.socket.write(clientFrame('ping'))
  await eventually(() => expect(client.received()).toContain('echo ping'))
  expect(facts).toHaveBeenCalledWith(
    expect.objectContaining({ status: 101, environment: 'acme-prod' }),
  )
})

test('the end of one side of a WebSocket ends the other', async () => {
  const atBackend: Socket[] = []
  const closed = vi.fn()
  const backend = createServer((socket) => {
    atBackend.push(socket.on('close', closed))
    socket.once('data', (chunk) => socket.write(switchingFor(chunk)))
  })
  const port = await startGateway(backend)
  const [first, second] = [openSocket(port, handshake()), openSocket(port, handshake())]
  await eventually(() => expect(first.received() + second.received()).toMatch(/101[\s\S]*101/))
  first.socket.destroy()
  await eventually(() => expect(closed).toHaveBeenCalledTimes(1))
  for (const socket of atBackend) socket.end(serverFrame('last words'))
  await second.closed
  expect(second.received()).toMatch(/last words/)
})

test('a handshake that Odoo refuses leaves no connection to it: early and later bytes never arrive', async () => {
  const { server, heard, ended } = stubbornBackend(
    'HTTP/1.1 400 BAD REQUEST\r\nContent-Length: 7\r\nConnection: keep-alive\r\n\r\nno key!',
  )
  const port = await startGateway(server)
  const client = openSocket(port, handshake() + smuggled)
  await eventually(() => expect(client.received()).toContain('no key!'))
  client.socket.write(smuggled)
  await client.closed
  await eventually(() => expect(ended).toHaveBeenCalled())
  expect(client.received()).toMatch(/^HTTP\/1\.1 400 /)
  expect(client.received()).toMatch(/connection: close/i)
  expect(client.received()).toMatch(/no key!$/)
  expect(heard).toHaveLength(1)
  expect(heard[0]).not.toContain('database')
})

test('an answer to a handshake ends where its framing says, whatever follows', async () => {
  const { server } = stubbornBackend(
    `HTTP/1.1 403 FORBIDDEN\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nyou\r\n0\r\n\r\n${smuggled}`,
  )
  const client = openSocket(await startGateway(server), handshake())
  await client.closed
  expect(client.received()).toMatch(/^HTTP\/1\.1 403 /)
  expect(client.received()).toContain('you')
  expect(client.received()).not.toContain('database')
})

test.each([
  ['that is too long', `HTTP/1.1 101 Switching Protocols\r\nX-Long: ${'x'.repeat(70_000)}`, 502],
  ['that is no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n\r\n', 502],
  ['that never ends', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: web', 504],
])('an answer to a handshake %s is not passed on', async (_which, answer, status) => {
  const { server, ended } = stubbornBackend(answer)
  const port = await startGateway(server, { limits: { answerTimeoutMs: 100 } })
  const client = openSocket(port, handshake())
  await client.closed
  expect(client.received()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
  expect(client.received()).toContain('application/problem+json')
  await eventually(() => expect(ended).toHaveBeenCalled())
})

test('a client that leaves during the handshake leaves nothing at the backend', async () => {
  const { server, heard, ended } = stubbornBackend('')
  const client = openSocket(await startGateway(server), handshake())
  await eventually(() => expect(heard).toHaveLength(1))
  client.socket.destroy()
  await eventually(() => expect(ended).toHaveBeenCalled())
})

test('a client that leaves while its environment is woken leaves nothing at the backend', async () => {
  const { server, heard } = stubbornBackend(switchingFor)
  const facts = vi.fn()
  const { waker, writes, bring } = sleeper()
  const port = await serve([routeTo('acme', [])], { waker, onRequest: facts })
  const client = openSocket(port, handshake())
  await eventually(() => expect(writes).toHaveLength(1))
  client.socket.end()
  await eventually(() =>
    expect(facts).toHaveBeenCalledWith(expect.objectContaining({ status: 499 })),
  )
  bring(backendAt(await listen(server)))
  expect(heard).toEqual([])
})

test('an answer that proves no WebSocket is not passed on', async () => {
  const { server, ended } = stubbornBackend(switchingFor('Sec-WebSocket-Key: another\r\n'))
  const client = openSocket(await startGateway(server), handshake())
  await client.closed
  expect(client.received()).toMatch(/^HTTP\/1\.1 502 /)
  await eventually(() => expect(ended).toHaveBeenCalled())
})

test.each([
  ['another version', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Version: 8', 426],
  ['no key', /Sec-WebSocket-Key.*\r\n/, '', 400],
  ['a key that is none', 'dGhlIHNhbXBsZSBub25jZQ==', 'c2hvcnQ=', 400],
])('a handshake with %s is refused by the gateway itself', async (_which, from, to, status) => {
  const { server, heard } = stubbornBackend(switchingFor)
  const client = openSocket(await startGateway(server), handshake().replace(from, to))
  await client.closed
  expect(client.received()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
  if (status === 426) expect(client.received()).toMatch(/sec-websocket-version: 13/i)
  expect(heard).toEqual([])
})

test.each(['identity', 'sealed'])(
  'a backend whose guard refuses a handshake (%s) is doubted, or asked no more',
  async (word) => {
    const heard: string[] = []
    const server = rawBackend(refusal(word), (head) => heard.push(head))
    const route = routeTo('acme', [backendAt(await listen(server))])
    const [doubt, onRefused] = [vi.fn(), vi.fn()]
    const waker = { ...wakerOf([route]), doubt }
    const port = await serve([route], {
      waker,
      onRefused,
      parked: { protocol: rememberingProtocol },
    })
    await openClient(port)
    expect(onRefused).toHaveBeenCalledWith(word)
    expect(doubt).toHaveBeenCalledTimes(word === 'identity' ? 1 : 0)
    const asked = heard.length
    await openClient(port)
    expect(heard).toHaveLength(word === 'identity' ? asked + 1 : asked)
  },
)

test.each(['1.0', '1.1'])('a switch is a switch in HTTP/%s', async (version) => {
  const { server } = stubbornBackend((head) =>
    Buffer.concat([Buffer.from(switchingFor(head, version)), serverFrame('hello')]),
  )
  const client = openSocket(await startGateway(server), handshake())
  await eventually(() => expect(client.received()).toMatch(/^HTTP\/1\.1 101 [\s\S]*hello$/))
})

/** The store says that it is ready, and nobody listens there: its process was killed. */
function beforeKilled() {
  const route = routeTo('acme', [backendAt(1)])
  const [doubt, onRefused] = [vi.fn(), vi.fn()]
  return { route, doubt, onRefused, waker: { ...wakerOf([route]), doubt } }
}

test('a handshake that nobody was there to take is kept for the next worker, and this one doubted, as for any request', async () => {
  const { route, doubt, ...options } = beforeKilled()
  const port = await serve([route], { ...options, parked: { protocol: rememberingProtocol } })
  await openClient(port)
  expect(doubt).toHaveBeenCalledExactlyOnceWith('acme-prod')
  expect(options.onRefused).toHaveBeenCalledExactlyOnceWith('unreachable')
})

test('where no socket is kept without a backend, one that is gone is doubted, and a 502', async () => {
  const { route, doubt, ...options } = beforeKilled()
  const client = openSocket(await serve([route], options), handshake())
  await client.closed
  expect(client.received()).toMatch(/^HTTP\/1\.1 502 [\s\S]*backend-unreachable/)
  expect(doubt).toHaveBeenCalledExactlyOnceWith('acme-prod')
  expect(options.onRefused).toHaveBeenCalledExactlyOnceWith('unreachable')
})

test.each([
  ['/x', 'other.localhost', 'host-not-found'],
  ['/x', 'acme.localhost', 'websocket-not-served'],
  ['/web/database/manager', 'acme.localhost', 'database-manager'],
])('a WebSocket to %s of %s is refused', async (path, host, problem) => {
  const { server, heard } = stubbornBackend(switchingFor)
  const client = openSocket(await startGateway(server), handshake(path, host))
  await client.closed
  expect(client.received()).toMatch(/^HTTP\/1\.1 40[34] /)
  expect(client.received()).toContain(`/problems/${problem}"`)
  expect(heard).toEqual([])
})

test.each([
  ['another protocol', handshake('/web').replace('Upgrade: websocket', 'Upgrade: h2c')],
  ['a handshake with a body', handshake().replace('\r\n\r\n', '\r\nContent-Length: 2\r\n\r\nhi')],
  ['another method', handshake().replace('GET', 'DELETE')],
])('%s is no upgrade but an ordinary request', async (_which, text) => {
  const heads: string[] = []
  const port = await startGateway(
    rawBackend('HTTP/1.0 200 OK\r\n\r\nplain', (head) => heads.push(head)),
  )
  const client = openSocket(port, text)
  await eventually(() => expect(client.received()).toContain('plain'))
  expect(heads[0]).not.toMatch(/\r\nupgrade:/i)
})

/** Odoo with workers: HTTP on one port, WebSocket and long-polling on another. */
async function twoPorts() {
  const paths: Record<'http' | 'evented', string[]> = { http: [], evented: [] }
  const listenAs = (name: keyof typeof paths): Server =>
    createHttpServer((request, response) => {
      paths[name].push(request.url ?? '')
      response.end(name)
    }).on('upgrade', (request, socket) => {
      paths[name].push(`upgrade ${request.url}`)
      const head = `Sec-WebSocket-Key: ${request.headers['sec-websocket-key']}\r\n`
      socket.write(switchingFor(head))
      socket.end(serverFrame(name))
    })
  const [httpPort, websocketPort] = await Promise.all([
    listen(listenAs('http')),
    listen(listenAs('evented')),
  ])
  const route = routeTo('acme', [{ address: '127.0.0.1', httpPort, websocketPort }])
  return { port: await serve([route]), paths }
}

test('with a port of their own, WebSocket and long-polling go there and nothing else does', async () => {
  const { port, paths } = await twoPorts()
  const client = openSocket(port, handshake('/websocket?version=18.0-1'))
  await client.closed
  expect(client.received()).toMatch(/evented/)
  const served = (path: string) => fetchFrom(port, path).then(({ body }) => body)
  expect(await served('/longpolling/poll')).toBe('evented')
  expect(await served('/websocket/health')).toBe('evented')
  for (const path of ['/web/login', '/websockets', '/web/websocket', '/longpolling']) {
    expect(await served(path)).toBe('http')
  }
  expect(paths.evented).toEqual([
    'upgrade /websocket?version=18.0-1',
    '/longpolling/poll',
    '/websocket/health',
  ])
})
