import { createServer as createHttpServer, type RequestListener, request as send } from 'node:http'
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Log } from '@pulse/api'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createGateway, type GatewayOptions } from './gateway.ts'
import type { Route } from './route-source.ts'

const silent: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent }

/** A gateway in front of `backend`, whose only host is acme.localhost; both end with the test. */
async function startGateway(backend: Server, options: Partial<GatewayOptions> = {}) {
  const backendPort = await listen(backend)
  const route: Route = {
    environment: 'acme-prod',
    hostname: 'acme.localhost',
    displayName: 'Acme',
    state: { phase: 'serving' },
    backends: [{ address: '127.0.0.1', httpPort: backendPort, websocketPort: backendPort }],
  }
  const gateway = createGateway({
    routes: { find: (host) => (host === 'acme.localhost' ? route : undefined) },
    log: silent,
    ...options,
  })
  onTestFinished(() => gateway.close())
  return gateway.listen({ hosts: ['127.0.0.1'], port: 0 })
}

function listen(server: Server): Promise<number> {
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.on('error', () => {})
  })
  onTestFinished(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : 0)
    })
  })
}

/** Answers as Odoo's threaded server does: HTTP/1.0, one connection a request. */
function rawBackend(answer: string, onHead: (head: string) => void = () => {}): Server {
  return createServer((socket) => {
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      if (!text.includes('\r\n\r\n')) return
      onHead(text)
      socket.end(answer)
    })
  })
}

interface Reply {
  readonly status: number
  readonly headers: NodeJS.Dict<string | string[]>
  readonly body: string
}

function fetchFrom(
  port: number,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string | Buffer } = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const outgoing = send(
      {
        port,
        path,
        host: '127.0.0.1',
        method: options.method ?? 'GET',
        headers: { host: 'acme.localhost', ...options.headers },
      },
      (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('error', reject)
        incoming.on('end', () =>
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        )
      },
    )
    outgoing.on('error', reject)
    outgoing.end(options.body)
  })
}

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

test('a body over the limit is a 413, announced or not', async () => {
  const sink: RequestListener = (request, response) => {
    request.resume().on('end', () => response.end('ok'))
  }
  const port = await startGateway(createHttpServer(sink), { limits: { bodyBytesMax: 1000 } })
  const body = Buffer.alloc(2000)
  const announced = await fetchFrom(port, '/upload', {
    method: 'POST',
    body,
    headers: { 'content-length': '2000' },
  })
  expect(announced.status).toBe(413)
  const chunked = await fetchFrom(port, '/upload', {
    method: 'POST',
    body,
    headers: { 'transfer-encoding': 'chunked' },
  })
  expect(chunked.status).toBe(413)
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

test('a backend that refuses is a 502, one that stays silent a 504', async () => {
  const gone = createServer()
  const port = await startGateway(gone)
  await new Promise((resolve) => gone.close(resolve))
  expect((await fetchFrom(port, '/')).status).toBe(502)

  const silentPort = await startGateway(
    createServer(() => {}),
    { limits: { headersTimeoutMs: 50 } },
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
  await vi.waitFor(() =>
    expect(facts).toHaveBeenCalledWith(
      expect.objectContaining({ status: 499, environment: 'acme-prod' }),
    ),
  )
})

test('a WebSocket is joined to the backend, first bytes included', async () => {
  const heads: string[] = []
  const backend = createServer((socket) => {
    socket.once('data', (chunk) => {
      heads.push(chunk.toString('latin1'))
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nhello',
      )
      socket.on('data', (more) => socket.write(`echo ${more}`))
    })
  })
  const port = await startGateway(backend)
  const socket = connect({ port, host: '127.0.0.1' })
  onTestFinished(() => {
    socket.destroy()
  })
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
  })
  socket.write(
    'GET /websocket?version=1 HTTP/1.1\r\nHost: acme.localhost:8080\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nOrigin: http://acme.localhost:8080\r\n\r\n',
  )
  await vi.waitFor(() => expect(text).toContain('hello'))
  expect(heads[0]).toMatch(/upgrade: websocket/i)
  expect(heads[0]).toMatch(/\r\nhost: acme\.localhost:8080\r\n/i)
  socket.write('ping')
  await vi.waitFor(() => expect(text).toContain('echo ping'))
})

test('a WebSocket to a foreign path or host is refused', async () => {
  const port = await startGateway(createServer())
  const answer = await new Promise<string>((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.on('data', (chunk) => resolve(chunk.toString('latin1')))
    socket.write(
      'GET /x HTTP/1.1\r\nHost: other.localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    )
  })
  expect(answer).toMatch(/^HTTP\/1\.1 404/)
})
