import { once } from 'node:events'
import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import type { WebSocket } from 'ws'
import { eventually } from '../gateway-under-test.suite.ts'
import type { ManualClock } from '../manual-clock.suite.ts'
import { createFakeEnvironment } from './fake-environment.suite.ts'
import type { ParkedLimits } from './parked-limits.ts'
import { openClient, parkBefore } from './parked-under-test.suite.ts'

const megabyte = 1024 * 1024
/** More than kernels hold of it by far. */
const large = Buffer.alloc(24 * megabyte, 'large ')
const stallMs = 20_000
/** Without the questions whether somebody is there. */
const unasked = { stallMs, pingMs: 10_000_000, backendMessageBytesMax: large.length }

test('a client that takes a large message slowly gets it, however long that takes', async () => {
  const { client, backend, clock } = await openPair(unasked)
  client.socket.pause()
  backend.socket.send(large)
  await takeSlowly(client, clock)
  expect((await allOfIt(client)).equals(large)).toBe(true)
})

test('a backend that takes a large message slowly gets it, however long that takes', async () => {
  const limits = { ...unasked, clientMessageBytesMax: large.length }
  const { client, backend, clock } = await openPair(limits)
  backend.socket.pause()
  client.socket.send(large)
  await takeSlowly(backend, clock)
  expect((await allOfIt(backend)).equals(large)).toBe(true)
})

test('a client that has taken some of a large message, and then nothing, is cut', async () => {
  const { client, backend, clock, gateway } = await openPair(unasked)
  client.socket.pause()
  backend.socket.send(large)
  await take(client, 2 * megabyte)
  await clock.advance(stallMs - 1_000)
  expect(gateway.parking.counts().attached).toBe(1)
  await clock.advance(2_000)
  await eventually(() => expect(gateway.parking.counts().attached).toBe(0))
})

test('one that goes on talking while it takes nothing is cut as well', async () => {
  const { client, backend, clock, gateway, environment } = await openPair(unasked)
  client.socket.pause()
  backend.socket.send(large)
  await take(client, megabyte)
  for (let step = 1; step <= 4; step += 1) {
    client.socket.send('state of mind')
    await eventually(() => expect(environment.heard.length).toBe(step))
    await clock.advance(stallMs / 4)
  }
  await clock.advance(1_000)
  await eventually(() => expect(gateway.parking.counts().attached).toBe(0))
})

test('a backend that takes nothing is cut, and its client is kept', async () => {
  const limits = { ...unasked, clientMessageBytesMax: large.length }
  const { client, backend, clock, gateway, environment } = await openPair(limits)
  backend.socket.pause()
  client.socket.send(large)
  await take(backend, megabyte)
  await clock.advance(stallMs + 1_000)
  await eventually(() => expect(gateway.parking.counts()).toEqual({ attached: 0, parked: 1 }))
  expect(environment.ended).toEqual([])
  expect(client.isOpen()).toBe(true)
})

test('whoever has yet to take what came before a question need not answer it', async () => {
  const { client, backend, clock } = await openPair({ ...unasked, pingMs: 15_000 })
  client.socket.pause()
  backend.socket.send(large)
  await takeSlowly(client, clock)
  expect((await allOfIt(client)).equals(large)).toBe(true)
})

test('a client that sends a message slowly is there, however long its answer takes', async () => {
  const { client, clock, environment } = await openPair({ ...unasked, pingMs: 15_000 })
  // Its answer would come behind its message.
  client.socket.pause()
  const said = Buffer.alloc(60_000, 'x')
  const head = Buffer.from([0x81, 0xfe, said.length >> 8, said.length & 0xff, 0, 0, 0, 0])
  client.connection.write(head)
  for (let at = 0; at < said.length; at += 5_000) {
    client.connection.write(said.subarray(at, at + 5_000))
    await clock.advance(10_000)
  }
  await eventually(() => expect(environment.heard).toEqual([said.toString()]))
})

test('a slow client gets all that was said in its order, an empty message and the end as well', async () => {
  const { client, backend } = await openPair(unasked)
  const lengths: number[] = []
  client.socket.on('message', ({ length }: Buffer) => lengths.push(length))
  client.socket.pause()
  const said = [
    large,
    Buffer.alloc(70_000),
    Buffer.alloc(0),
    Buffer.alloc(3),
    Buffer.alloc(200_000),
  ]
  for (const message of said) backend.socket.send(message)
  backend.socket.close(4001, 'over')
  await take(client, megabyte)
  client.socket.resume()
  expect(await client.closed).toEqual([4001, 'over'])
  expect(lengths).toEqual(said.map(({ length }) => length))
})

test('what was said before the end is not lost because some of it still waits', async () => {
  const { client, backend } = await openPair({ ...unasked, bufferedBytesMax: 2 * large.length })
  client.socket.pause()
  backend.socket.send(large)
  backend.socket.close(4001, 'over')
  await take(client, megabyte)
  expect((await allOfIt(client)).equals(large)).toBe(true)
  expect(await client.closed).toEqual([4001, 'over'])
})

interface End {
  readonly socket: WebSocket
  readonly connection: Socket
}

/** A client and its backend, and a gateway between them. */
async function openPair(limits: Partial<ParkedLimits>) {
  const environment = await createFakeEnvironment({ isAwake: true })
  const parked = await parkBefore(environment, { limits })
  const client = await openClient(parked.port)
  const [socket] = environment.sockets
  const [connection] = environment.connections
  if (socket === undefined || connection === undefined) throw new Error('it has no backend')
  return { ...parked, environment, client, backend: { socket, connection } }
}

/** Three times as long as a reader may take nothing, a little in each step. */
async function takeSlowly(end: End, clock: ManualClock) {
  for (let step = 0; step < 12; step += 1) {
    await take(end, megabyte)
    await clock.advance(stallMs / 4)
  }
}

/** Reads so many bytes, and then no more. */
function take({ socket, connection }: End, bytes: number): Promise<void> {
  const goal = connection.bytesRead + bytes
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const look = () => {
    if (connection.bytesRead < goal) return
    socket.pause()
    stop()
    resolve()
  }
  const cut = () => reject(new Error('it was cut'))
  const stop = () => connection.off('data', look).off('close', cut)
  connection.on('data', look).on('close', cut)
  socket.resume()
  return promise
}

async function allOfIt({ socket }: End): Promise<Buffer> {
  const message = once(socket, 'message')
  socket.resume()
  const [data] = await message
  return data
}
