import { createServer as createHttpServer, type RequestListener, request as send } from 'node:http'
import { createServer } from 'node:net'
import { expect, test, vi } from 'vitest'
import {
  backendAt,
  eventually,
  fetchFrom,
  listen,
  openSocket,
  rawBackend,
  routeTo,
  serve,
  sleeper,
  startGateway,
} from './gateway-under-test.suite.ts'
import { defaultLifeLimits } from './life/life-limits.ts'
import type { Waker } from './life/waker.ts'

test('an HTTP/1.0 answer without a length comes through whole', async () => {
  const body = 'x'.repeat(200_000)
  const port = await startGateway(
    rawBackend(
      `HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n${body}`,
    ),
  )
  const reply = await fetchFrom(port, '/web/login')
  expect(reply.status).toBe(200)
  expect(reply.body).toBe(body)
  expect(reply.headers['set-cookie']).toEqual(['a=1', 'b=2'])
})

test('Odoo sees the canonical host and our word about the client', async () => {
  const heads: string[] = []
  const port = await startGateway(
    rawBackend('HTTP/1.0 204 No Content\r\n\r\n', (head) => heads.push(head)),
  )
  await fetchFrom(port, '/web', {
    headers: { host: 'ACME.localhost', 'x-forwarded-host': 'evil.example', 'x-odoo-database': 'x' },
  })
  expect(heads[0]).toMatch(/\r\nhost: acme\.localhost\r\n/i)
  expect(heads[0]).toMatch(/\r\nx-forwarded-host: acme\.localhost\r\n/i)
  expect(heads[0]).not.toMatch(/evil|x-odoo-database/i)
})

test('an unknown host is a 404 that no backend hears of', async () => {
  const onHead = vi.fn()
  const port = await startGateway(rawBackend('HTTP/1.0 200 OK\r\n\r\n', onHead))
  const reply = await fetchFrom(port, '/', { headers: { host: 'other.localhost' } })
  expect(reply.status).toBe(404)
  expect(reply.headers['content-type']).toBe('application/problem+json')
  expect(onHead).not.toHaveBeenCalled()
})

test('people get a page, programs a problem', async () => {
  const port = await startGateway(rawBackend('HTTP/1.0 200 OK\r\n\r\n'))
  const page = await fetchFrom(port, '/web/database/manager', {
    headers: { accept: 'text/html', 'accept-language': 'bg' },
  })
  expect(page.status).toBe(403)
  expect(page.body).toContain('<html lang="bg">')
  const problem = await fetchFrom(port, '/jsonrpc', { method: 'POST', body: '{}' })
  expect(JSON.parse(problem.body)).toMatchObject({
    status: 403,
    type: expect.stringContaining('json-rpc'),
  })
})

test('uploads and downloads stream both ways at once', async () => {
  const echo: RequestListener = (request, response) => {
    response.writeHead(200, { 'Content-Type': 'application/octet-stream' })
    request.pipe(response)
  }
  const port = await startGateway(createHttpServer(echo))
  const first = await new Promise<string>((resolve, reject) => {
    const outgoing = send({
      port,
      host: '127.0.0.1',
      method: 'POST',
      path: '/echo',
      headers: { host: 'acme.localhost', 'transfer-encoding': 'chunked' },
    })
    outgoing.on('error', reject)
    outgoing.on('response', (incoming) =>
      incoming.once('data', (chunk: Buffer) => {
        resolve(chunk.toString())
        outgoing.end()
        incoming.resume()
      }),
    )
    outgoing.write('first')
  })
  expect(first).toBe('first')
})

test('an XML-RPC call for another database gets a fault, one for ours passes byte by byte', async () => {
  const heads: string[] = []
  const port = await startGateway(
    rawBackend('HTTP/1.0 200 OK\r\n\r\nyes', (head) => heads.push(head)),
  )
  const call = (database: string) =>
    `<methodCall><methodName>login</methodName><params><param><value><string>${database}</string></value></param></params></methodCall>`
  const theirs = await fetchFrom(port, '/xmlrpc/2/common', { method: 'POST', body: call('other') })
  expect(theirs.status).toBe(200)
  expect(theirs.body).toContain('faultString')
  expect(heads).toEqual([])
  const mine = await fetchFrom(port, '/xmlrpc/2/common', {
    method: 'POST',
    body: call('acme.localhost'),
  })
  expect(mine.body).toBe('yes')
  expect(heads[0]).toContain(call('acme.localhost'))
})

test('a backend that nobody listens at is waited for, one that stays silent is a 504', async () => {
  const gone = createServer()
  const port = await startGateway(gone)
  await new Promise((resolve) => gone.close(resolve))
  expect((await fetchFrom(port, '/')).status).toBe(503)

  const silentPort = await startGateway(
    createServer(() => {}),
    { limits: { answerTimeoutMs: 50 } },
  )
  expect((await fetchFrom(silentPort, '/')).status).toBe(504)
})

test('an answer that breaks off is not passed on as a whole one', async () => {
  const port = await startGateway(rawBackend('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'))
  await expect(fetchFrom(port, '/')).rejects.toThrow()
})

test('a client that leaves ends its request at the backend and is counted as 499', async () => {
  const facts = vi.fn()
  const closed = Promise.withResolvers<void>()
  const arrived = Promise.withResolvers<void>()
  const backend = createServer((socket) => {
    socket.on('data', () => arrived.resolve())
    socket.on('close', () => closed.resolve())
  })
  const port = await startGateway(backend, { onRequest: facts })
  const outgoing = send({ port, host: '127.0.0.1', path: '/', headers: { host: 'acme.localhost' } })
  outgoing.on('error', () => {})
  outgoing.end()
  await arrived.promise
  outgoing.destroy()
  await closed.promise
  await eventually(() =>
    expect(facts).toHaveBeenCalledWith(
      expect.objectContaining({ status: 499, environment: 'acme-prod' }),
    ),
  )
})

test.each([
  ['after its wake is written', true],
  ['before its wake is written', false],
])(
  'a client that leaves while its environment is woken is counted as 499, and the wake goes on: %s',
  async (_, isWritten) => {
    const facts = vi.fn()
    const answer = Promise.withResolvers<void>()
    const tenant = sleeper(
      {
        async look(name) {
          await answer.promise
          return tenant.waker.see(name)
        },
      },
      { wakeTimeoutMs: 30_000 },
    )
    const { waker, writes, bring } = tenant
    const lookedAt = vi.spyOn(waker, 'look')
    const port = await serve([routeTo('acme', [])], { waker, onRequest: facts })
    const client = openSocket(port, 'GET / HTTP/1.1\r\nHost: acme.localhost\r\n\r\n')
    await eventually(() => expect(lookedAt).toHaveBeenCalled())
    if (isWritten) answer.resolve()
    await eventually(() => expect(writes).toHaveLength(isWritten ? 1 : 0))
    client.socket.destroy()
    await eventually(() =>
      expect(facts).toHaveBeenCalledWith(expect.objectContaining({ status: 499, handled: 'held' })),
    )
    answer.resolve()
    await eventually(() => expect(writes).toHaveLength(1))
    bring(backendAt(await listen(rawBackend('HTTP/1.0 200 OK\r\n\r\nawake'))))
    expect((await fetchFrom(port, '/')).body).toBe('awake')
    expect(writes).toHaveLength(1)
  },
)

test('an environment that sleeps is woken once, and the requests held until it is up', async () => {
  const backend = backendAt(await listen(rawBackend('HTTP/1.0 200 OK\r\n\r\nawake')))
  const { waker, writes, bring } = sleeper()
  const port = await serve([routeTo('acme', [])], { waker })
  const replies = [fetchFrom(port, '/web/login'), fetchFrom(port, '/web/login')]
  await eventually(() => expect(writes).toMatchObject([{ state: 'up', generation: 2 }]))
  bring(backend)
  for (const reply of replies) expect((await reply).body).toBe('awake')
  expect((await fetchFrom(port, '/web/login')).body).toBe('awake')
  expect(writes).toHaveLength(1)
})

test.each<[string, Partial<Waker>]>([
  [
    'cannot be written',
    {
      write: () => Promise.reject(new Error('no store')),
      look: () => Promise.reject(new Error('no store')),
    },
  ],
  ['brings nothing', {}],
  ['takes too long', { write: () => new Promise(() => {}) }],
])('a wake that %s is a 503 that says when to try again', async (_how, more) => {
  const port = await serve([routeTo('acme', [])], { waker: sleeper(more).waker })
  const reply = await fetchFrom(port, '/')
  expect(reply.status).toBe(503)
  expect(reply.headers['retry-after']).toBe('5')
  expect(reply.body).not.toContain('no store')
})

test('when too many wait already, the next are told to come again', async () => {
  const { waker, bring } = sleeper()
  const hold = { ...defaultLifeLimits.hold, requestsPerEnvironment: 2 }
  const port = await serve([routeTo('acme', [])], { waker, life: { hold } })
  const replies = Array.from({ length: 3 }, () => fetchFrom(port, '/'))
  const refused = await Promise.race(replies)
  expect(refused.status).toBe(503)
  expect(refused.body).toContain('too-many-waiting')
  bring(backendAt(await listen(rawBackend('HTTP/1.0 200 OK\r\n\r\nawake'))))
  const bodies = await Promise.all(replies.map((reply) => reply.then(({ status }) => status)))
  expect(bodies.toSorted()).toEqual([200, 200, 503])
})
