import { createServer as createHttpServer, type IncomingMessage, request as send } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { expect, onTestFinished, test, vi } from 'vitest'
import { eventually, fetchFrom, openSocket, startGateway } from '../gateway-under-test.suite.ts'
import { createStalledReaders } from './stalled-readers.ts'

const get = 'GET / HTTP/1.1\r\nHost: acme.localhost\r\n\r\n'

test('a reader is stalled when nothing has left for the whole time, and not a moment before', () => {
  const { look } = createStalledReaders<{ bytesWritten: number; writableLength: number }>(1_000)
  const reader = { bytesWritten: 300, writableLength: 200 }
  expect(look([reader], 0)).toEqual([])
  expect(look([reader], 999)).toEqual([])
  expect(look([reader], 1_000)).toEqual([reader])
})

test('one that takes a little each time goes on for as long as it likes', () => {
  const { look } = createStalledReaders<{ bytesWritten: number; writableLength: number }>(1_000)
  const reader = { bytesWritten: 1_000_000, writableLength: 1_000_000 }
  for (let second = 1; second <= 500; second += 1) {
    reader.writableLength -= 1
    expect(look([reader], second * 999)).toEqual([])
  }
})

test('more that waits is no progress, and nothing that waits is no stall', () => {
  const { look } = createStalledReaders<{ bytesWritten: number; writableLength: number }>(1_000)
  const reader = { bytesWritten: 100, writableLength: 100 }
  look([reader], 0)
  Object.assign(reader, { bytesWritten: 200, writableLength: 200 })
  expect(look([reader], 1_000)).toEqual([reader])
  Object.assign(reader, { writableLength: 0 })
  expect(look([reader], 2_000)).toEqual([])
  expect(look([reader], 9_000)).toEqual([])
})

test('a client that reads nothing of its answer is cut, and its backend is free again', async () => {
  const freed = vi.fn()
  const onStalled = vi.fn()
  const onRequest = vi.fn()
  const server = createHttpServer((_request, answer) => {
    answer.on('close', freed).end(Buffer.alloc(64 * 1024 * 1024, 'x'))
  })
  const limits = { answerStallTimeoutMs: 200 }
  const port = await startGateway(server, { limits, onStalled, onRequest })
  const client = openSocket(port, get)
  client.socket.pause()
  await eventually(() => expect(freed).toHaveBeenCalled())
  expect(onStalled).toHaveBeenCalledTimes(1)
  expect(onRequest).toHaveBeenCalledWith(expect.objectContaining({ status: 499 }))
})

test('one that goes on sending while it reads nothing is cut as well', async () => {
  const onStalled = vi.fn()
  const server = createHttpServer((request, answer) => {
    request.resume()
    answer.end(Buffer.alloc(64 * 1024 * 1024, 'x'))
  })
  const port = await startGateway(server, { limits: { answerStallTimeoutMs: 200 }, onStalled })
  const head = 'POST / HTTP/1.1\r\nHost: acme.localhost\r\nContent-Length: 1000000\r\n\r\n'
  const client = openSocket(port, head)
  client.socket.pause()
  const drip = setInterval(() => client.socket.write('x'), 5)
  onTestFinished(() => clearInterval(drip))
  await eventually(() => expect(onStalled).toHaveBeenCalled())
})

test('the time that a client takes is no pause of its backend', async () => {
  const size = 32 * 1024 * 1024
  const server = createHttpServer(({ url }, answer) => {
    if (url === '/pause') answer.writeHead(200, { 'Content-Length': 2 }).write('1')
    else answer.end(Buffer.alloc(size, 'x'))
  })
  // The time of backends stands still but where the test lets it go by: a busy machine is no pause either.
  let now = performance.now()
  const watch = vi.spyOn(performance, 'now').mockImplementation(() => now)
  onTestFinished(() => watch.mockRestore())
  const port = await startGateway(server, { limits: { answerIdleTimeoutMs: 50 } })
  const outgoing = send({ port, host: '127.0.0.1', headers: { host: 'acme.localhost' } })
  const incoming = await new Promise<IncomingMessage>((resolve, reject) =>
    outgoing.on('error', reject).on('response', resolve).end(),
  )
  await standsStill(() => incoming.socket.bytesRead)
  const time = setInterval(() => {
    now += 10
  }, 1)
  onTestFinished(() => clearInterval(time))
  // Each ends with the time of a backend that pauses.
  for (let times = 0; times < 3; times += 1) {
    await expect(fetchFrom(port, '/pause')).rejects.toThrow()
  }
  clearInterval(time)
  expect((await buffer(incoming)).length).toBe(size)
})

/** All that is on the way has come, as far as anybody takes it. */
async function standsStill(count: () => number) {
  let last = -1
  let looks = 0
  await eventually(() => {
    looks = count() === last ? looks + 1 : 0
    last = count()
    expect(looks).toBeGreaterThan(20)
  })
}

test('what waits in memory for clients that do not read is little for each, however much they asked for', async () => {
  const much = Buffer.alloc(64 * 1024 * 1024, 'x')
  let asked = 0
  const server = createHttpServer((_request, answer) => {
    asked += 1
    answer.end(much)
  })
  const port = await startGateway(server)
  const before = process.memoryUsage().arrayBuffers
  const clients = Array.from({ length: 20 }, () => openSocket(port, get))
  for (const { socket } of clients) socket.pause()
  await eventually(() => expect(asked).toBe(clients.length))
  await standsStill(() => clients.reduce((sum, { socket }) => sum + socket.bytesRead, 0))
  const each = (process.memoryUsage().arrayBuffers - before) / clients.length
  expect(each).toBeLessThan(512 * 1024)
})
