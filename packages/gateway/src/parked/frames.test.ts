import { once } from 'node:events'
import { expect, test } from 'vitest'
import { eventually, openSocket, type RawClient } from '../gateway-under-test.suite.ts'
import { clientFrame, handshake } from '../websocket-under-test.suite.ts'
import { createFakeEnvironment } from './fake-environment.suite.ts'
import { openClient, parkBefore } from './parked-under-test.suite.ts'

const mask = [0, 0, 0, 0]

/** What RFC 6455 forbids, and the code with which it ends. */
const forbidden: readonly (readonly [string, Buffer, number])[] = [
  ['a frame without a mask', Buffer.from([0x81, 2, 104, 105]), 1002],
  ['a reserved bit', Buffer.from([0xc1, 0x80, ...mask]), 1002],
  ['a reserved opcode', Buffer.from([0x83, 0x80, ...mask]), 1002],
  ['a fragmented control frame', Buffer.from([0x09, 0x80, ...mask]), 1002],
  ['a control frame that is too long', Buffer.from([0x89, 0xfe, 0, 126, ...mask]), 1002],
  ['a continuation of nothing', Buffer.from([0x80, 0x80, ...mask]), 1002],
  ['text that is not UTF-8', Buffer.from([0x81, 0x82, ...mask, 0xc3, 0x28]), 1007],
  ['a message that is too long', Buffer.from([0x81, 0xfe, 0x01, 0x00, ...mask]), 1009],
  [
    'fragments that are too long together',
    Buffer.concat([
      Buffer.from([0x01, 0x80 | 100, ...mask]),
      Buffer.alloc(100, 'x'),
      Buffer.from([0x80, 0x80 | 100, ...mask]),
      Buffer.alloc(100, 'x'),
    ]),
    1009,
  ],
]

test.each(forbidden)(
  '%s ends the client, asleep or awake, and reaches no backend',
  async (_what, bytes, code) => {
    for (const isAwake of [true, false]) {
      const environment = await createFakeEnvironment({ isAwake })
      const { port } = await parkBefore(environment, { limits: { clientMessageBytesMax: 150 } })
      const client = openSocket(port, handshake())
      await client.answered
      client.socket.write(bytes)
      await eventually(() => expect(closeCodeOf(client)).toBe(code))
      client.socket.end()
      expect(environment.heard).toEqual([])
    }
  },
)

test('fragments arrive as one message, with a ping among them answered at once', async () => {
  const environment = await createFakeEnvironment({ isAwake: true })
  const { port } = await parkBefore(environment)
  const client = openSocket(port, handshake())
  await client.answered
  client.socket.write(
    Buffer.concat([
      Buffer.from([0x01, 0x82, ...mask, 104, 101]),
      Buffer.from([0x89, 0x81, ...mask, 33]),
      Buffer.from([0x80, 0x83, ...mask, 108, 108, 111]),
    ]),
  )
  await eventually(() => expect(environment.heard).toEqual(['hello']))
  expect(Buffer.from(client.received(), 'latin1').subarray(-3)).toEqual(Buffer.from([0x8a, 1, 33]))
})

test('what a client says together with its handshake is not lost', async () => {
  const environment = await createFakeEnvironment({ isAwake: false })
  const { port } = await parkBefore(environment)
  openSocket(port, Buffer.concat([Buffer.from(handshake()), clientFrame('early')]))
  await eventually(() => expect(environment.wakes()).toBe(1))
  environment.wakeUp()
  await eventually(() => expect(environment.heard).toEqual(['early']))
})

test('a silent client is asked whether it is there, and cut when it is not', async () => {
  const environment = await createFakeEnvironment({ isAwake: false })
  const { port, clock, gateway } = await parkBefore(environment, { limits: { pingMs: 10_000 } })
  const lively = await openClient(port)
  const dead = openSocket(port, handshake())
  await dead.answered
  for (let asked = 0; asked < 3; asked += 1) {
    const ping = once(lively.socket, 'ping')
    await clock.advance(10_000)
    await ping
    // Its answer has come once a question of its own is answered.
    lively.socket.ping()
    await once(lively.socket, 'pong')
  }
  await dead.closed
  expect(lively.isOpen()).toBe(true)
  expect(gateway.parking.counts()).toEqual({ attached: 0, parked: 1 })
})

test('a client that does not read fills no memory: its backend is not read, and it is cut in the end', async () => {
  const environment = await createFakeEnvironment({ isAwake: true })
  const { port, clock } = await parkBefore(environment, {
    limits: { bufferedBytesMax: 64 * 1024, stallMs: 20_000 },
  })
  const client = await openClient(port)
  client.socket.pause()
  const [backend] = environment.sockets
  let sent = 0
  const megabyte = Buffer.alloc(1024 * 1024)
  // Kernels hold some megabytes on each hop; what the gateway takes on top is bounded.
  while (backend !== undefined && sent < 64 && backend.bufferedAmount < 2 * megabyte.length) {
    backend.send(megabyte)
    sent += 1
    await new Promise((resolve) => setImmediate(resolve))
  }
  await eventually(() => expect(backend?.bufferedAmount).toBeGreaterThan(megabyte.length))
  const before = backend?.bufferedAmount
  await clock.advance(20_000)
  client.socket.resume()
  expect((await client.closed)[0]).toBe(1006)
  expect(before).toBeGreaterThan(0)
})

test('a slow client gets everything in the end', async () => {
  const environment = await createFakeEnvironment({ isAwake: true })
  const { port } = await parkBefore(environment, { limits: { bufferedBytesMax: 64 * 1024 } })
  const client = await openClient(port)
  client.socket.pause()
  const [backend] = environment.sockets
  for (let count = 0; count < 24; count += 1) backend?.send(Buffer.alloc(1024 * 1024, count))
  await eventually(() => expect(backend?.bufferedAmount).toBeGreaterThan(0))
  client.socket.resume()
  await eventually(() => expect(client.received.length).toBe(24))
  expect(client.isOpen()).toBe(true)
})

/** Of the close frame that came last. */
function closeCodeOf({ received }: RawClient): number | undefined {
  const bytes = Buffer.from(received(), 'latin1')
  const at = bytes.lastIndexOf(0x88)
  return at < 0 || at + 4 > bytes.length ? undefined : bytes.readUInt16BE(at + 2)
}
