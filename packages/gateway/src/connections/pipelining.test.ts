import { createServer as createHttpServer, type Server, type ServerResponse } from 'node:http'
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

const get = (path: string, more = '') =>
  `GET ${path} HTTP/1.1\r\nHost: acme.localhost\r\n${more}\r\n`
const post = (path: string, more = '') =>
  `POST ${path} HTTP/1.1\r\nHost: acme.localhost\r\nContent-Length: 4\r\n${more}\r\n`
const last = 'Connection: close\r\n'

/** Answers with the path, once the test says so where it is one of those that wait. */
function backendThatWaits(...waiting: readonly string[]) {
  const asked: string[] = []
  const answers = new Map<string, ServerResponse>()
  const server = createHttpServer((request, answer) => {
    const { url = '' } = request
    asked.push(url)
    request.resume()
    if (waiting.includes(url)) answers.set(url, answer)
    else answer.end(`[${url}]`)
  })
  return { server, asked, answer: (path: string) => answers.get(path)?.end(`[${path}]`) }
}

/** A gateway whose only environment sleeps until it is brought. */
async function asleep(backend: Server) {
  const tenant = sleeper({}, { wakeTimeoutMs: 30_000 })
  const onRequest = vi.fn()
  const port = await serve([routeTo('acme', [])], { waker: tenant.waker, onRequest })
  const address = backendAt(await listen(backend))
  const held = () => eventually(() => expect(tenant.writes).toHaveLength(1))
  return { port, onRequest, held, wake: () => tenant.bring(address) }
}

const statuses = (client: RawClient) => client.received().match(/HTTP\/1\.1 \d+/g)
const bodies = (client: RawClient) => client.received().match(/\[[^\]]*\]/g)

test('answers come in the order of the requests, however soon a later one could be given', async () => {
  const tenant = await asleep(backendThatWaits().server)
  const client = openSocket(tenant.port, get('/first') + get('/web/health') + get('/third', last))
  await tenant.held()
  expect(client.received()).toBe('')
  tenant.wake()
  await client.closed
  expect(statuses(client)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 200'])
  expect(bodies(client)).toEqual(['[/first]', '[/web/health]', '[/third]'])
})

test('a request is not carried out before the one before it is answered: it may depend on that', async () => {
  const backend = backendThatWaits('/first')
  const port = await startGateway(backend.server)
  const client = openSocket(port, `${post('/first')}body${get('/second', last)}`)
  await eventually(() => expect(backend.asked).toEqual(['/first']))
  backend.answer('/first')
  await client.closed
  expect(bodies(client)).toEqual(['[/first]', '[/second]'])
  expect(backend.asked).toEqual(['/first', '/second'])
})

test('a large answer is whole, and so is what stands behind it', async () => {
  const large = 'x'.repeat(3_000_000)
  const server = createHttpServer(({ url }, answer) => answer.end(url === '/large' ? large : 'ok'))
  const port = await startGateway(server)
  const client = openSocket(port, get('/large') + get('/') + get('/large', last))
  await client.closed
  expect(statuses(client)).toHaveLength(3)
  expect(client.received().match(/xxx+/g)).toEqual([large, large])
})

test('a body behind a request that is held is asked for in its turn', async () => {
  const tenant = await asleep(backendThatWaits().server)
  const client = openSocket(
    tenant.port,
    get('/first') + post('/second', `Expect: 100-continue\r\n${last}`),
  )
  await tenant.held()
  tenant.wake()
  await eventually(() => expect(client.received()).toMatch(/\[\/first\][\s\S]*100 Continue/))
  client.socket.write('body')
  await client.closed
  expect(statuses(client)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 100', 'HTTP/1.1 200'])
})

test('what is no request is refused after the answers that are due, and nothing follows', async () => {
  const tenant = await asleep(backendThatWaits().server)
  const client = openSocket(tenant.port, `${get('/first')}no request\r\n\r\n${get('/third')}`)
  await tenant.held()
  client.socket.write('more of the same')
  tenant.wake()
  await client.closed
  expect(statuses(client)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400'])
  expect(bodies(client)).toEqual(['[/first]'])
})

test('bytes after a request that was to be the last do not take its answer away', async () => {
  const tenant = await asleep(backendThatWaits().server)
  const client = openSocket(tenant.port, get('/first', last) + get('/second'))
  await tenant.held()
  tenant.wake()
  await client.closed
  expect(statuses(client)).toEqual(['HTTP/1.1 200'])
  expect(bodies(client)).toEqual(['[/first]'])
})

test('a body that breaks off its framing is refused at once', async () => {
  const backend = backendThatWaits('/first')
  const port = await startGateway(backend.server)
  const chunked = `POST /first HTTP/1.1\r\nHost: acme.localhost\r\nTransfer-Encoding: chunked\r\n\r\n`
  const client = openSocket(port, `${chunked}1\r\na\r\n`)
  await eventually(() => expect(backend.asked).toEqual(['/first']))
  client.socket.write('no chunk\r\n')
  await client.closed
  expect(statuses(client)).toEqual(['HTTP/1.1 400'])
})

test('a body that has broken off its framing by its turn is refused then, and no worker hears of it', async () => {
  const backend = backendThatWaits('/first')
  const port = await startGateway(backend.server)
  const chunked = `POST /second HTTP/1.1\r\nHost: acme.localhost\r\nTransfer-Encoding: chunked\r\n\r\n`
  const client = openSocket(port, `${get('/first')}${chunked}no chunk\r\n${get('/third')}`)
  await eventually(() => expect(backend.asked).toEqual(['/first']))
  backend.answer('/first')
  await client.closed
  expect(statuses(client)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400'])
  expect(backend.asked).toEqual(['/first'])
})

test('a WebSocket behind a request that is not answered yet is not opened, and that answer comes first', async () => {
  const tenant = await asleep(backendThatWaits().server)
  const client = openSocket(tenant.port, get('/first') + handshake())
  await tenant.held()
  expect(client.received()).toBe('')
  tenant.wake()
  await client.closed
  expect(bodies(client)?.[0]).toBe('[/first]')
  expect(statuses(client)).toHaveLength(2)
  expect(client.received()).not.toContain(' 101 ')
})

test('a connection that has carried requests may become a WebSocket', async () => {
  const port = await startGateway(backendThatWaits().server)
  const client = openSocket(port, get('/first'))
  await eventually(() => expect(bodies(client)).toEqual(['[/first]']))
  client.socket.write(handshake().replace('Version: 13', 'Version: 7'))
  await client.closed
  expect(statuses(client)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 426'])
})

test('a client that leaves is not served what it had asked for behind the rest', async () => {
  const ended = vi.fn()
  const asked: string[] = []
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (chunk) => asked.push(chunk.toString().split('\r\n', 1)[0] ?? ''))
    socket.on('close', ended)
  })
  const port = await startGateway(server)
  const client = openSocket(port, get('/first') + get('/second'))
  await eventually(() => expect(asked).toEqual(['GET /first HTTP/1.1']))
  client.socket.destroy()
  await eventually(() => expect(ended).toHaveBeenCalled())
  expect(asked).toEqual(['GET /first HTTP/1.1'])
})

test('who sends far more requests than it waits for is told to come again, and cut', async () => {
  const backend = backendThatWaits('/first')
  const port = await startGateway(backend.server)
  const client = openSocket(port, get('/first') + get('/more').repeat(300))
  await eventually(() => expect(backend.asked).toEqual(['/first']))
  backend.answer('/first')
  await client.closed
  const seen = statuses(client) ?? []
  expect(seen.at(-1)).toBe('HTTP/1.1 503')
  expect(seen.length).toBeLessThan(100)
  expect(seen.slice(0, -1).every((status) => status === 'HTTP/1.1 200')).toBe(true)
  expect(bodies(client)).toHaveLength(backend.asked.length)
})
