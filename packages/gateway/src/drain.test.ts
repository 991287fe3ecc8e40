import { createServer as createHttpServer, type ServerResponse } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { createGateway } from './gateway.ts'
import {
  backendAt,
  eventually,
  listen,
  openSocket,
  routeTo,
  silent,
  wakerOf,
} from './gateway-under-test.suite.ts'

const get = 'GET / HTTP/1.1\r\nHost: acme.localhost\r\n\r\n'

async function open({ drainMs = 4_000, backends = [backendAt(1)] }) {
  const route = routeTo('acme', backends)
  const gateway = createGateway({
    routes: { find: () => route },
    waker: wakerOf([route], { wakeTimeoutMs: 60_000 }),
    log: silent,
    limits: { drainMs },
  })
  onTestFinished(() => gateway.close())
  return { gateway, port: await gateway.listen({ hosts: ['127.0.0.1'], port: 0 }) }
}

test('what is open when the gateway ends is answered to its end, and its connection closed', async () => {
  const answers: ServerResponse[] = []
  const backend = createHttpServer((_request, answer) => void answers.push(answer))
  const { gateway, port } = await open({ backends: [backendAt(await listen(backend))] })
  const client = openSocket(port, get)
  await eventually(() => expect(answers).toHaveLength(1))
  const closed = gateway.close()
  const late = openSocket(port, get)
  await late.closed
  expect(late.received()).toBe('')
  answers[0]?.end('whole')
  await Promise.all([closed, client.closed])
  expect(client.received()).toMatch(/^HTTP\/1\.1 200 [\s\S]*whole/)
  expect(client.received()).toMatch(/^connection: close\r$/im)
})

test('a request that still waits for its environment when the time is over is told to come again', async () => {
  const { gateway, port } = await open({ drainMs: 50, backends: [] })
  const client = openSocket(port, get)
  await eventually(() => expect(gateway.lives.held).toBe(1))
  await Promise.all([gateway.close(), client.closed])
  expect(client.received()).toMatch(/^HTTP\/1\.1 503 /)
  expect(client.received()).toMatch(/^retry-after: 5\r$/im)
  expect(client.received()).toMatch(/^connection: close\r$/im)
})
