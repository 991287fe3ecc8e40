import { createServer as createHttpServer } from 'node:http'
import { expect, test } from 'vitest'
import {
  eventually,
  fetchFrom,
  openSocket,
  rawBackend,
  startGateway,
} from './gateway-under-test.suite.ts'

const head = 'GET / HTTP/1.1\r\nHost: acme.localhost\r\n'
const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

test('a client beyond its share of connections is not served, and is once one of them ends', async () => {
  const limits = { connectionsPerAddressMax: 2, sharedAddresses: [] }
  const port = await startGateway(rawBackend(ok), { limits })
  const [first] = [openSocket(port, head), openSocket(port, head)]
  const beyond = openSocket(port, `${head}\r\n`)
  await beyond.closed
  expect(beyond.received()).toBe('')
  first.socket.write('Connection: close\r\n\r\n')
  await first.closed
  expect(first.received()).toMatch(/^HTTP\/1\.1 200 /)
  await eventually(async () => expect((await fetchFrom(port, '/')).status).toBe(200))
})

test('a trusted proxy may have more than the share of one client, since behind it are many', async () => {
  const limits = { connectionsPerAddressMax: 1, sharedAddresses: [] }
  const admission = { trustedProxies: ['127.0.0.1'] }
  const port = await startGateway(rawBackend(ok), { limits, admission })
  openSocket(port, head)
  expect((await fetchFrom(port, '/')).status).toBe(200)
})

test('nobody is served beyond the connections in all', async () => {
  const port = await startGateway(rawBackend(ok), { limits: { connectionsMax: 1 } })
  openSocket(port, head)
  const beyond = openSocket(port, `${head}\r\n`)
  await beyond.closed
  expect(beyond.received()).toBe('')
})

test('a head that comes byte by byte ends with its time', async () => {
  const port = await startGateway(rawBackend(ok), { limits: { requestHeadTimeoutMs: 50 } })
  const client = openSocket(port, head)
  const drip = setInterval(() => client.socket.write('a'), 5)
  await client.closed
  clearInterval(drip)
  expect(client.received()).toMatch(/^HTTP\/1\.1 408 /)
})

test('a connection that nothing is asked on any more ends', async () => {
  const port = await startGateway(
    createHttpServer((_, answer) => answer.end('ok')),
    {
      limits: { keepAliveTimeoutMs: 50 },
    },
  )
  const client = openSocket(port, `${head}\r\n`)
  await client.closed
  expect(client.received()).toMatch(/^HTTP\/1\.1 200 /)
})

test.each([
  ['more headers', 'a: b\r\n'.repeat(300)],
  ['more bytes', `a: ${'b'.repeat(40_000)}\r\n`],
])('a head of %s than are read is a 431', async (_what, more) => {
  const client = openSocket(await startGateway(rawBackend(ok)), `${head}${more}\r\n`)
  await client.closed
  expect(client.received()).toMatch(/^HTTP\/1\.1 431 /)
})
