import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Answer, text } from './answer.ts'
import { type HttpServer, startHttpServer } from './http-server.ts'
import { createServerLog } from './server-log.ts'

let answer: () => Promise<Answer> = async () => text('hello')
let server: HttpServer

beforeEach(async () => {
  answer = async () => text('hello')
  server = await startHttpServer({
    host: '127.0.0.1',
    port: 0,
    proxyMode: false,
    version: '1.0',
    log: createServerLog('critical'),
    answer: () => answer(),
    upgrade: () => false,
  })
})
afterEach(() => server.stop(0))

test('an answer is HTTP/1.0 and ends its connection, though the client offers to go on', async () => {
  const raw = await talk('GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n')
  expect(raw).toMatch(/^HTTP\/1\.0 200 OK\r\n/)
  expect(raw).toContain('\r\nConnection: close\r\n')
  expect(raw).toContain('\r\nContent-Length: 5\r\n')
  expect(raw.endsWith('\r\n\r\nhello')).toBe(true)
})

test('a second request on the connection is never answered', async () => {
  const request = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'
  const raw = await talk(request + request)
  expect(raw.match(/HTTP\/1\.0 200/g)).toHaveLength(1)
})

test('a stream has no length and no chunks: it ends with the connection', async () => {
  answer = async () => ({
    ...text(''),
    body: (async function* () {
      yield 'one '
      yield 'two'
    })(),
  })
  const raw = await talk('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  expect(raw).not.toMatch(/content-length|transfer-encoding/i)
  expect(raw.endsWith('\r\n\r\none two')).toBe(true)
})

test('HEAD has the head of GET and no body', async () => {
  const raw = await talk('HEAD / HTTP/1.1\r\nHost: x\r\n\r\n')
  expect(raw).toContain('Content-Length: 5')
  expect(raw.endsWith('\r\n\r\n')).toBe(true)
})

test('a line break in a value makes no header', async () => {
  answer = async () => ({ ...text(''), headers: [['Location', '/a\r\nSet-Cookie: stolen=1']] })
  expect(await talk('GET / HTTP/1.1\r\nHost: x\r\n\r\n')).not.toMatch(/^Set-Cookie/m)
})

test('stopping lets a running request end, and refuses new ones', async () => {
  let finish = () => {}
  let begun = () => {}
  const started = new Promise<void>((resolve) => (begun = resolve))
  answer = async () => {
    begun()
    await new Promise<void>((resolve) => (finish = resolve))
    return text('late')
  }
  const running = talk('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  await started
  const stopped = server.stop(10_000)
  const refused = connect(server.port, '127.0.0.1')
  const [error]: { code?: string }[] = await once(refused, 'error')
  expect(error?.code).toBe('ECONNREFUSED')
  finish()
  expect(await running).toContain('late')
  await stopped
})

test('stopping cuts what does not end in time', async () => {
  let begun = () => {}
  const started = new Promise<void>((resolve) => (begun = resolve))
  answer = () => {
    begun()
    return new Promise(() => {})
  }
  const running = talk('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  await started
  await server.stop(20)
  expect(await running).toBe('')
})

async function talk(request: string): Promise<string> {
  const socket = connect(server.port, '127.0.0.1')
  let received = ''
  socket.on('data', (chunk) => (received += chunk.toString('latin1')))
  socket.on('error', () => undefined)
  socket.write(request)
  await once(socket, 'close')
  return received
}
