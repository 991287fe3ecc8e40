import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import { expect, test, vi } from 'vitest'
import {
  backendAt,
  eventually,
  listen,
  openSocket,
  type RawClient,
  routeTo,
  serve,
  sleeper,
  startGateway,
} from '../gateway-under-test.suite.ts'
import { handshake } from '../websocket-under-test.suite.ts'

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: acme.localhost\r\n\r\n`
const tunnel = 'CONNECT acme.localhost:80 HTTP/1.1\r\nHost: acme.localhost\r\n\r\n'

const statuses = (client: RawClient) => client.received().match(/HTTP\/1\.1 \d+/g)
const bodies = (client: RawClient) => client.received().match(/\[[^\]]*\]/g)

function echoing(asked: string[] = []) {
  return createHttpServer(({ url = '' }, answer) => {
    asked.push(url)
    answer.end(`[${url}]`)
  })
}

test.each([
  ['with a host', tunnel, 501],
  ['without one', tunnel.replace(/Host.*\r\n/, ''), 400],
])('a tunnel %s is refused, and nothing that follows is taken', async (_how, text, status) => {
  const asked: string[] = []
  const port = await startGateway(echoing(asked))
  const client = openSocket(port, text + get('/inside'))
  await client.closed
  expect(statuses(client)).toEqual([`HTTP/1.1 ${status}`])
  expect(client.received()).toMatch(/^connection: close\r$/im)
  expect(asked).toEqual([])
})

test('a tunnel that is asked for behind requests that wait takes no answer of theirs away', async () => {
  const asked: string[] = []
  const tenant = sleeper({}, { wakeTimeoutMs: 30_000 })
  const port = await serve([routeTo('acme', [])], { waker: tenant.waker })
  const client = openSocket(port, get('/first') + get('/second') + tunnel + get('/inside'))
  await eventually(() => expect(tenant.writes).toHaveLength(1))
  expect(client.received()).toBe('')
  tenant.bring(backendAt(await listen(echoing(asked))))
  await client.closed
  expect(statuses(client)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 501'])
  expect(bodies(client)).toEqual(['[/first]', '[/second]'])
  expect(asked).toEqual(['/first', '/second'])
})

/** Answered by the gateway itself, at once. */
const toNobody = 'GET / HTTP/1.1\r\nHost: nobody.localhost\r\n\r\n'

test.each([
  ['a tunnel', tunnel, 501],
  ['a handshake', handshake().replace('Version: 13', 'Version: 7'), 426],
  ['a handshake without a host', handshake().replace(/Host.*\r\n/, ''), 400],
  [
    'an offer before a body in chunks',
    `${get('/last').slice(0, -2)}Connection: upgrade\r\nUpgrade: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    200,
  ],
])('%s right behind what is answered at once is answered too', async (_what, text, status) => {
  const port = await startGateway(echoing())
  const client = openSocket(port, toNobody + text)
  await eventually(() => expect(statuses(client)).toEqual(['HTTP/1.1 404', `HTTP/1.1 ${status}`]))
})

const expecting = `${get('/expecting').slice(0, -2)}Expect: the-impossible\r\n\r\n`

test.each([
  ['a tunnel', expecting + tunnel, ['417']],
  ['a handshake without a host', expecting + handshake().replace(/Host.*\r\n/, ''), ['417']],
  ['a tunnel behind both', toNobody + expecting + tunnel, ['404', '417']],
  ['a request', expecting + get('/after'), ['417']],
])(
  '%s behind an expectation that nobody meets gets no answer, for that one is the last',
  async (_what, text, expected) => {
    const asked: string[] = []
    const port = await startGateway(echoing(asked))
    const client = openSocket(port, text)
    await client.closed
    expect(statuses(client)).toEqual(expected.map((status) => `HTTP/1.1 ${status}`))
    expect(asked).toEqual([])
  },
)

test('an answer that takes its time to leave is whole, whatever is asked for behind it', async () => {
  const [pieces, piece] = [200, Buffer.alloc(64 * 1024, 'x')]
  const server = createServer((socket) => {
    socket.once('data', async () => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${pieces * piece.length}\r\n\r\n`)
      for (let sent = 0; sent < pieces; sent += 1) {
        if (!socket.write(piece)) await new Promise((resolve) => socket.once('drain', resolve))
      }
    })
  })
  const port = await startGateway(server)
  const client = openSocket(port, get('/large') + tunnel)
  client.socket.pause()
  setImmediate(() => client.socket.resume())
  await client.closed
  expect(statuses(client)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 501'])
  expect(
    client
      .received()
      .match(/xxx+/g)
      ?.map(({ length }) => length),
  ).toEqual([pieces * piece.length])
})

test('who asks for a tunnel and leaves is not waited for by the worker of its other request', async () => {
  const [asked, ended] = [vi.fn(), vi.fn()]
  const server = createServer((socket) => {
    socket.on('data', asked)
    socket.on('close', ended)
  })
  const port = await startGateway(server)
  const client = openSocket(port, get('/first') + tunnel)
  await eventually(() => expect(asked).toHaveBeenCalled())
  client.socket.end()
  await eventually(() => expect(ended).toHaveBeenCalled())
})

test('who asks for a tunnel and resets its connection ends that alone', async () => {
  const port = await startGateway(echoing())
  const clients = Array.from({ length: 20 }, () => openSocket(port, tunnel))
  for (const { socket } of clients) socket.once('connect', () => socket.resetAndDestroy())
  await Promise.all(clients.map(({ closed }) => closed))
  const refused = clients.map(() => openSocket(port, tunnel))
  for (const { socket } of refused) socket.once('data', () => socket.resetAndDestroy())
  await Promise.all(refused.map(({ closed }) => closed))
  const other = openSocket(port, get('/other'))
  await eventually(() => expect(bodies(other)).toEqual(['[/other]']))
})
