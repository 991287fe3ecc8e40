import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createManualClock } from '../manual-clock.suite.ts'
import { createTestLives } from './lives.suite.ts'
import { createWanting } from './wanting.ts'

/** A request whose client has gone before anything was done about it. */
async function abandoned(): Promise<{ request: IncomingMessage; response: ServerResponse }> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const client = connect(address.port, '127.0.0.1')
  client.on('error', () => {})
  client.write('GET / HTTP/1.1\r\nHost: acme.localhost\r\n\r\n')
  const [request, response]: [IncomingMessage, ServerResponse] = await new Promise((resolve) =>
    server.once('request', (...both) => resolve(both)),
  )
  client.destroy()
  await once(response, 'close')
  return { request, response }
}

test.each(['response', 'socket'])(
  'who has left before the wait begins is heard leaving: by its %s',
  async (by) => {
    const { request, response } = await abandoned()
    const { wantedBy } = createWanting(createManualClock())
    const wanted = wantedBy(request, by === 'response' ? response : request.socket)
    await new Promise<void>((resolve) => void wanted.onLeft(resolve))
  },
)

test('who has its turn in the same breath is not told that it has left', async () => {
  const { request, response } = await abandoned()
  let isTold = false
  const forget = createWanting(createManualClock())
    .wantedBy(request, response)
    .onLeft(() => {
      isTold = true
    })
  forget()
  await new Promise((resolve) => setImmediate(resolve))
  expect(isTold).toBe(false)
})

test('a wake that nobody waits for any more holds nobody in the queue', async () => {
  const { lives } = createTestLives({ acme: {} })
  expect(await lives.wake('acme', 'schedule', AbortSignal.abort())).toBe('left')
  expect(lives.held).toBe(0)
})
