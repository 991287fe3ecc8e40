import { createServer as createHttpServer } from 'node:http'
import { expect, test, vi } from 'vitest'
import {
  backendAt,
  eventually,
  listen,
  openSocket,
  routeTo,
  serve,
  sleeper,
  startGateway,
} from './gateway-under-test.suite.ts'

const post = (more = '', path = '/upload') =>
  `POST ${path} HTTP/1.1\r\nHost: acme.localhost\r\nContent-Length: 5\r\nExpect: 100-continue\r\n${more}\r\n`

const echo = () => createHttpServer((request, answer) => void request.pipe(answer))

test('a body that is taken is asked for, and its connection goes on', async () => {
  const port = await startGateway(echo())
  const client = openSocket(port, post())
  await client.answered
  expect(client.received()).toBe('HTTP/1.1 100 Continue\r\n\r\n')
  client.socket.write(`abcde${post('Connection: close\r\n')}`)
  await eventually(() => expect(client.received().match(/100 Continue/g)).toHaveLength(2))
  client.socket.write('fghij')
  await client.closed
  expect(client.received().match(/^HTTP\/1\.1 \d+/gm)).toEqual([
    ...['HTTP/1.1 100', 'HTTP/1.1 200', 'HTTP/1.1 100', 'HTTP/1.1 200'],
  ])
})

test.each([
  ['no host', post().replace('acme', 'other'), 404],
  ['a refused path', post('', '/web/database/create'), 403],
  ['too large a body', post().replace('Length: 5', 'Length: 5000000'), 413],
])('a request with %s is refused before its body is sent', async (_what, text, status) => {
  const onBackend = vi.fn()
  const port = await startGateway(createHttpServer(onBackend), { limits: { bodyBytesMax: 1000 } })
  const client = openSocket(port, text)
  await client.closed
  expect(client.received()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
  expect(client.received()).toMatch(/^connection: close\r$/im)
  expect(onBackend).not.toHaveBeenCalled()
})

test('the body of a request that waits for its environment is asked for once that is awake', async () => {
  const { waker, writes, bring } = sleeper()
  const port = await serve([routeTo('acme', [])], { waker })
  const client = openSocket(port, post('Connection: close\r\n'))
  await eventually(() => expect(writes).toHaveLength(1))
  expect(client.received()).toBe('')
  bring(backendAt(await listen(echo())))
  await client.answered
  expect(client.received()).toBe('HTTP/1.1 100 Continue\r\n\r\n')
  client.socket.write('abcde')
  await client.closed
  expect(client.received()).toMatch(/abcde/)
})

test('another expectation is a 417', async () => {
  const port = await startGateway(echo())
  const client = openSocket(port, post('Connection: close\r\n').replace('100-continue', 'miracles'))
  await client.closed
  expect(client.received()).toMatch(/^HTTP\/1\.1 417 /)
})
