import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { choosePort } from './free-port.ts'

const hosts = ['127.0.0.1']

function takenPort(): Promise<number> {
  const server = createServer()
  onTestFinished(() => {
    server.close()
  })
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : 0)
    })
  })
}

test('a usual port that is taken gives way to the next free one', async () => {
  const port = await takenPort()
  const chosen = await choosePort({ use: 'gateway', hosts, usual: [port] })
  expect(chosen).toBeGreaterThan(port)
})

test('a port that was asked for is never replaced silently', async () => {
  const asked = await takenPort()
  await expect(choosePort({ use: 'gateway', hosts, asked, usual: [8080] })).rejects.toThrow(
    `the gateway port ${asked} is taken`,
  )
})
