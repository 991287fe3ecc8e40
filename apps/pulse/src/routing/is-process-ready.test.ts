import { createServer } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { isProcessReady } from './is-process-ready.ts'

const never = new AbortController().signal

/** A process that says this of its readiness; undefined: nothing. */
async function processThatSays(status: number | undefined) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    if (status !== undefined) response.writeHead(status).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return { asked, server, backend: { address: '127.0.0.1', httpPort: port, websocketPort: port } }
}

test.each([
  [200, true],
  [204, false],
  [303, false],
  [404, false],
  [421, false],
  [503, false],
])(
  'a process is ready when it says that it serves the page of its host: %i',
  async (status, expected) => {
    const { backend, asked } = await processThatSays(status)
    expect(await isProcessReady(backend, 'acme.localhost', never)).toBe(expected)
    expect(asked).toEqual(['/plana/ready?host=acme.localhost'])
  },
)

test('one that switches protocols instead of an answer is not ready, at once', async () => {
  const { server, backend } = await processThatSays(undefined)
  server.prependListener('request', ({ socket }) =>
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'),
  )
  expect(await isProcessReady(backend, 'acme.localhost', never)).toBe(false)
})

test('one that says nothing in time, or where nobody listens, is not ready', async () => {
  const { backend, asked, server } = await processThatSays(undefined)
  const late = new AbortController()
  const answer = isProcessReady(backend, 'acme.localhost', late.signal)
  await expect.poll(() => asked).toHaveLength(1)
  late.abort()
  expect(await answer).toBe(false)
  server.close()
  expect(await isProcessReady(backend, 'acme.localhost', never)).toBe(false)
})
