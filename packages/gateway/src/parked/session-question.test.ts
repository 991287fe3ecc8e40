import { createServer as createHttpServer } from 'node:http'
import { createServer, type Server } from 'node:net'
import { expect, test, vi } from 'vitest'
import { backendAt, eventually, listen } from '../gateway-under-test.suite.ts'
import { isLoggedIn } from './session-question.ts'

const check = {
  path: '/who',
  contentType: 'text/plain',
  body: 'me?',
  isLoggedIn: ({ body }: { readonly body: string }) => body === 'yes',
  keyOf: (cookie: string | undefined) => cookie,
  isLogout: () => false,
}
const handshake = { packed: '/websocket\nCookie\nsession=one', protocols: [] }

/** Asks a backend without a time limit that could come into it. */
async function ask(server: Server): Promise<boolean | undefined> {
  const backend = backendAt(await listen(server))
  return await isLoggedIn(check, { backend, handshake, answerTimeoutMs: 3600_000 })
}

function answering(status: number, headers: Record<string, string>, body: string): Server {
  return createHttpServer((_request, response) => response.writeHead(status, headers).end(body))
}

test('what a backend says of a session is taken, a 421 of the tenant’s own too', async () => {
  expect(await ask(answering(200, {}, 'yes'))).toBe(true)
  expect(await ask(answering(200, {}, 'no'))).toBe(false)
  expect(await ask(answering(421, {}, 'no'))).toBe(false)
})

test.each(['sealed', 'identity'])(
  'a guard that refuses the question (%s) says nothing of the session',
  async (word) => {
    expect(await ask(answering(421, { 'X-Pulse-Refused': word }, ''))).toBeUndefined()
  },
)

test('an error says nothing of the session', async () => {
  expect(await ask(answering(500, {}, 'no'))).toBeUndefined()
})

test('a backend that switches protocols and stays holds nobody, and its connection ends', async () => {
  const ended = vi.fn()
  const server = createServer((socket) => {
    socket.on('close', ended)
    socket.once('data', () =>
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'),
    )
  })
  expect(await ask(server)).toBeUndefined()
  await eventually(() => expect(ended).toHaveBeenCalled())
})
