import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { choosePort } from './free-port.ts'

const wish = { use: 'gateway', setting: 'PLANA_HTTP_PORT', hosts: ['127.0.0.1'] }

async function takenPort(): Promise<number> {
  const server = await listening()
  onTestFinished(() => {
    server.close()
  })
  return portOf(server)
}

async function freePort(): Promise<number> {
  const server = await listening()
  const port = portOf(server)
  await once(server.close(), 'close')
  return port
}

async function listening(): Promise<Server> {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return server
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

test('a usual port that is taken gives way to the next free one', async () => {
  const port = await takenPort()
  const chosen = await choosePort({ ...wish, usual: [port] })
  expect(chosen.port).toBeGreaterThan(port)
  expect(chosen.taken).toBe(port)
})

test('a port is said to be taken only when it was tried: that of the last start is a choice like any', async () => {
  const other = await takenPort()
  const free = await freePort()
  expect(await choosePort({ ...wish, usual: [free, other] })).toEqual({ port: free })
  expect(await choosePort({ ...wish, usual: [other, free] })).toEqual({
    port: free,
    taken: other,
  })
})

test('a port that was asked for is never replaced silently', async () => {
  const asked = await takenPort()
  await expect(choosePort({ ...wish, asked, usual: [8080] })).rejects.toThrow(
    `the gateway port ${asked} is taken: free it, or ask for another one with PLANA_HTTP_PORT`,
  )
})

/** Of a range for documentation (RFC 5737): no machine has it. */
const nowhere = '192.0.2.1'

test('an address that is not on this machine is told as such, with its setting, asked for or not', async () => {
  const there = { ...wish, hosts: [nowhere], hostSetting: 'PLANA_METRICS_HOST' }
  const words = 'PLANA_METRICS_HOST: 192.0.2.1 is no address of this machine'
  await expect(choosePort({ ...there, usual: [9090] })).rejects.toThrow(words)
  await expect(choosePort({ ...there, asked: 9090, usual: [] })).rejects.toThrow(words)
  await expect(choosePort({ ...wish, hosts: [nowhere], usual: [8080] })).rejects.toThrow(
    'the gateway cannot listen: 192.0.2.1 is no address of this machine',
  )
})
