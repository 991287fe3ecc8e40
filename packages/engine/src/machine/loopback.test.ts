import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import {
  canBind,
  chooseLoopback,
  hasListener,
  loopbackOf,
  octetsFor,
  podAddress,
  podAddressCount,
} from './loopback.ts'

test('a state directory points at the same range every time, and tries each range once', () => {
  const octets = octetsFor('/var/lib/pulse')
  expect(octetsFor('/var/lib/pulse')).toEqual(octets)
  expect(new Set(octets).size).toBe(187)
  expect(Math.min(...octets)).toBe(64)
  expect(Math.max(...octets)).toBe(250)
})

test('a range of another installation is passed over', async () => {
  const [first, second] = octetsFor('/somewhere')
  const loopback = await chooseLoopback(
    '/somewhere',
    async ({ prefix }) => prefix === `127.${first}`,
  )
  expect(loopback.prefix).toBe(`127.${second}`)
})

test('a range is taken by a listener on any of its ports, and not by one on every address', () => {
  const table = [
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid',
    '   0: 00000000:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0',
    '   1: 0200407F:1539 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0',
    '   2: 0200417F:1539 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0',
  ].join('\n')
  expect(hasListener(table, loopbackOf(64))).toBe(true)
  expect(hasListener(table, loopbackOf(65))).toBe(false)
})

test('a range in which somebody listens is not chosen', async () => {
  const [first] = octetsFor('/somewhere/else')
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, `127.${first}.0.2`, resolve))
  const { prefix } = await chooseLoopback('/somewhere/else')
  await new Promise((done) => server.close(done))
  expect(prefix).not.toBe(`127.${first}`)
})

test('pod addresses are distinct, legal and never those of Pulse', () => {
  const loopback = loopbackOf(64)
  const addresses = Array.from({ length: podAddressCount }, (_, index) =>
    podAddress(loopback, index),
  )
  expect(new Set(addresses).size).toBe(podAddressCount)
  expect(addresses[0]).toBe('127.64.1.1')
  expect(addresses.at(-1)).toBe('127.64.254.254')
})

test('an address and port in use cannot be bound', async () => {
  const server = createServer()
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.201.200.1', resolve)
  await promise
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  expect(await canBind('127.201.200.1', port)).toBe(false)
  expect(await canBind('127.201.200.2', port)).toBe(true)
  await new Promise((done) => server.close(done))
})
