import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { attempt } from './attempt.ts'

const limit = () => AbortSignal.timeout(5_000)

/** A program that says this to whoever connects, and then no more. */
async function programThatSays(text: string) {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.write(text)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const context = { address: '127.0.0.1', portOf: () => port, exec: async () => 0 }
  const handler = { type: 'http', scheme: 'http', port, path: '/', headers: [] } as const
  return (signal: AbortSignal) => attempt({ ...handler, host: undefined }, context, signal)
}

test.each([
  ['HTTP/1.1 204 No Content\r\n\r\n', undefined],
  ['HTTP/1.1 503 Later\r\n\r\n', 'HTTP probe failed with statuscode: 503'],
])('%j is judged by its status', async (text, expected) => {
  const probe = await programThatSays(text)
  expect(await probe(limit())).toBe(expected)
})

test('a program that switches protocols where it is probed has failed, and holds nobody', async () => {
  const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
  const probe = await programThatSays(`HTTP/1.1 101 Switching Protocols\r\n${upgrade}`)
  expect(await probe(limit())).toBe('the connection ended without an answer')
})
