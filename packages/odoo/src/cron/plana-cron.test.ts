import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { createPlanaCron } from './plana-cron.ts'

/** A worker that answers once. */
async function worker(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const runner = createPlanaCron((name) =>
    name === 'acme-prod'
      ? {
          origin: `http://127.0.0.1:${port}`,
          headers: { 'X-Pulse-Backend': 'secret' },
          database: 'acme.localhost',
        }
      : undefined,
  )
  return {
    run: (name: string) => runner.run(name, AbortSignal.timeout(5_000)),
    [Symbol.dispose]: () => server.close(),
  }
}

test('the database is named to a worker that knows us', async () => {
  using pool = await worker(async (request, response) => {
    const [body] = await once(request, 'data')
    const isRight = request.url === '/plana/cron' && request.headers['x-pulse-backend'] === 'secret'
    expect(JSON.parse(String(body))).toEqual({ database: 'acme.localhost' })
    response.end(isRight ? '{"jobs": 2, "next": 1767225600}' : '{}')
  })
  expect(await pool.run('acme-prod')).toEqual({ jobs: 2, nextAt: 1_767_225_600_000 })
})

test('nothing ran where the answer is not 200, and its reason is told', async () => {
  using pool = await worker((_, response) => {
    response.writeHead(503).end('{"reason": "modules are being installed"}')
  })
  await expect(pool.run('acme-prod')).rejects.toThrow('503 {"reason": "modules are being')
})

test('where no server is ready nothing can run', async () => {
  using pool = await worker((_, response) => response.end('{"jobs": 0, "next": null}'))
  expect(await pool.run('acme-prod')).toEqual({ jobs: 0, nextAt: undefined })
  await expect(pool.run('other-prod')).rejects.toThrow('no server of other-prod is ready')
})

test('an answer that is none is refused', async () => {
  using pool = await worker((_, response) => response.end('x'.repeat(10_000)))
  await expect(pool.run('acme-prod')).rejects.toThrow('too long')
})

test('a server that switches protocols has run nothing, and holds nobody', async () => {
  using pool = await worker(({ socket }) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n')
  })
  await expect(pool.run('acme-prod')).rejects.toThrow('the answer is none')
})

test('a server that is sealed says so at once, though its answer never ends', async () => {
  using pool = await worker(({ socket }) => {
    socket.write('HTTP/1.1 421 Misdirected Request\r\nX-Pulse-Refused: sealed\r\n\r\n')
  })
  await expect(pool.run('acme-prod')).rejects.toThrow(
    'schedules of acme-prod did not run: 421 sealed',
  )
})
