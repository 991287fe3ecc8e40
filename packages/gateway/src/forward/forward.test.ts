import { createServer as createHttpServer } from 'node:http'
import { createServer, type Server } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { defaultGatewayLimits } from '../gateway-limits.ts'
import {
  backendAt,
  eventually,
  fetchFrom,
  listen,
  openSocket,
  rawBackend,
  routeTo,
  serve,
} from '../gateway-under-test.suite.ts'
import { refusal } from '../guarded-process.suite.ts'
import { readBody } from '../request-body.ts'
import type { Backend } from '../route-source.ts'
import { forward } from './forward.ts'
import type { Forwarded } from './forwarded.ts'
import { createForwardMeans, createOutgoing } from './outgoing.ts'

const good = 'HTTP/1.0 200 OK\r\n\r\ngood'

/** Answers once `until` has come, or with the head. */
function answering(answer: string, until = '\r\n\r\n') {
  const heard: string[] = []
  const server = createServer((socket) => {
    let text = ''
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      if (text.startsWith('GET /plana/')) {
        socket.end('HTTP/1.0 404 Not Found\r\n\r\n')
      } else if (text.includes(until)) {
        heard.push(text)
        socket.end(answer)
      }
    })
  })
  return { server, heard }
}

const guarded = async (server: Server, identity = 'acme.1.f00'): Promise<Backend> => ({
  ...backendAt(await listen(server)),
  identity,
})

test('a request that a backend refuses as not its own is asked of the next, body included', async () => {
  const wrong = answering(refusal('identity'), 'the body')
  const right = answering(good, 'the body')
  const backends = [
    await guarded(wrong.server, 'acme.1.a'),
    await guarded(right.server, 'acme.2.b'),
  ]
  const port = await serve([routeTo('acme', backends)])
  const reply = await fetchFrom(port, '/web/login', {
    method: 'POST',
    body: 'the body',
    headers: { 'content-length': '8', 'x-pulse-backend': 'mine', x_pulse_backend: 'mine' },
  })
  expect(reply.body).toBe('good')
  expect(right.heard).toHaveLength(1)
  expect(right.heard[0]).toMatch(/\r\n\r\nthe body$/)
  expect(right.heard[0]?.match(/^x.pulse.backend: .*$/gim)).toEqual(['X-Pulse-Backend: acme.2.b'])
  expect(wrong.heard[0]?.match(/^x.pulse.backend: .*$/gim)).toEqual(['X-Pulse-Backend: acme.1.a'])
})

test('a backend that nobody listens at is passed over, whatever the size of the body', async () => {
  const gone = createServer()
  const nobody = backendAt(await listen(gone))
  gone.close()
  const right = answering(good, 'END')
  const backends = [nobody, await guarded(right.server)]
  const limits = { keptBodyBytesMax: 10 }
  const port = await serve([routeTo('acme', backends)], { limits })
  const body = `${'x'.repeat(100_000)}END`
  expect((await fetchFrom(port, '/', { method: 'POST', body })).body).toBe('good')
  expect(right.heard[0]).toContain(body)
})

test('when all refuse, the client is told to come again, and hears nothing of the guards', async () => {
  const backends = [
    await guarded(rawBackend(refusal('sealed'))),
    await guarded(rawBackend(refusal('identity'))),
  ]
  const port = await serve([routeTo('acme', backends)])
  const reply = await fetchFrom(port, '/')
  expect(reply.status).toBe(503)
  expect(reply.headers['retry-after']).toBe('5')
  expect(reply.headers).not.toHaveProperty('x-pulse-refused')
})

test('a 421 without the guard’s word is an answer, and the guard’s word in any other ends here', async () => {
  const answer = (status: string, more: string) =>
    `HTTP/1.0 ${status}\r\n${more}Content-Length: 4\r\n\r\nword`
  const port = await serve([
    routeTo('acme', [await guarded(rawBackend(answer('421 Misdirected', '')))]),
    routeTo('beta', [await guarded(rawBackend(answer('200 OK', 'X-Pulse-Refused: sealed\r\n')))]),
  ])
  expect(await fetchFrom(port, '/')).toMatchObject({ status: 421, body: 'word' })
  const beta = await fetchFrom(port, '/', { headers: { host: 'beta.localhost' } })
  expect(beta).toMatchObject({ status: 200, body: 'word' })
  expect(beta.headers).not.toHaveProperty('x-pulse-refused')
})

test('a large body goes only to a backend that has just proved who it is', async () => {
  const heard = vi.fn()
  const wrong = await guarded(rawBackend(refusal('identity'), heard), 'acme.1.a')
  const right = answering(good, 'END')
  const backends = [wrong, await guarded(right.server, 'acme.2.b')]
  const limits = { keptBodyBytesMax: 10 }
  const port = await serve([routeTo('acme', backends)], { limits })
  const body = `${'x'.repeat(100_000)}END`
  const reply = await fetchFrom(port, '/', {
    method: 'POST',
    body,
    headers: { 'content-length': String(body.length) },
  })
  expect(reply.body).toBe('good')
  expect(heard).toHaveBeenCalledTimes(1)
  expect(heard.mock.calls[0]?.[0]).toMatch(
    /^GET \/plana\/identity [\s\S]*X-Pulse-Backend: acme\.1\.a/,
  )
  expect(right.heard[0]).toContain(body)
})

test('a client that leaves while it is asked who is there is left, whatever the answer', async () => {
  const asked = Promise.withResolvers<void>()
  const left = Promise.withResolvers<void>()
  const wrong = createServer((socket) => {
    socket.once('data', async () => {
      asked.resolve()
      await left.promise
      socket.end(refusal('identity'))
    })
  })
  const backend = await guarded(wrong)
  const limits = { ...defaultGatewayLimits, keptBodyBytesMax: 10 }
  const means = createForwardMeans(limits)
  onTestFinished(() => means.upstream.close())
  const outcome = Promise.withResolvers<Forwarded>()
  const door = createHttpServer((request, response) => {
    response.on('close', left.resolve)
    const body = readBody(request, limits)
    const options = { headers: [], body, evented: false, onRaced() {}, means }
    outcome.resolve(forward(createOutgoing(request, response, options), backend))
  })
  const client = openSocket(
    await listen(door),
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n',
  )
  await asked.promise
  client.socket.destroy()
  expect(await outcome.promise).toEqual({ type: 'left' })
})

test('a body that grows too large on its way is sent elsewhere if its backend has refused it by then', async () => {
  const slow: { refuse?: () => void } = {}
  const wrong = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', (chunk) => {
      if (!chunk.toString().startsWith('GET /plana/'))
        slow.refuse = () => socket.end(refusal('identity'))
      // Asked who it is, it answers the first request before.
      else {
        slow.refuse?.()
        setImmediate(() => socket.end(refusal('identity')))
      }
    })
  })
  const right = answering(good, 'END')
  const backends = [await guarded(wrong, 'acme.1.a'), await guarded(right.server, 'acme.2.b')]
  const limits = { keptBodyBytesMax: 10 }
  const port = await serve([routeTo('acme', backends)], { limits })
  const head = 'POST / HTTP/1.1\r\nHost: acme.localhost\r\nTransfer-Encoding: chunked\r\n\r\n'
  const client = openSocket(port, `${head}5\r\nfirst\r\n`)
  await eventually(() => expect(slow.refuse).toBeDefined())
  client.socket.write('a\r\n0123456789\r\n3\r\nEND\r\n0\r\n\r\n')
  await eventually(() => expect(client.received()).toContain('good'))
  expect(right.heard[0]).toMatch(/first[\s\S]*0123456789[\s\S]*END/)
})

test('a backend that moves in the middle of a large body is a 503, counted as raced', async () => {
  const facts = vi.fn()
  const moved = answering(refusal('sealed'), 'middle')
  const second = answering(good)
  const backends = [await guarded(moved.server), await guarded(second.server)]
  const limits = { keptBodyBytesMax: 10 }
  const port = await serve([routeTo('acme', backends)], { limits, onRequest: facts })
  const client = openSocket(
    port,
    'POST / HTTP/1.1\r\nHost: acme.localhost\r\nContent-Length: 1000\r\n\r\nThis is the middle',
  )
  await client.closed
  expect(client.received()).toMatch(
    /^HTTP\/1\.1 503 [\s\S]*retry-after: 1\r\n[\s\S]*backend-moved/i,
  )
  expect(second.heard).toEqual([])
  await eventually(() =>
    expect(facts).toHaveBeenCalledWith(expect.objectContaining({ status: 503, raced: true })),
  )
})

test('bodies are kept within one bound for all: beyond it a small one is checked like a large one', async () => {
  const asked = vi.fn()
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      if (!chunk.toString().startsWith('GET /plana/')) return
      asked()
      socket.end('HTTP/1.0 404 Not Found\r\n\r\n')
    })
  })
  const port = await serve([routeTo('acme', [await guarded(server)])], {
    limits: { keptBytesMax: 10 },
  })
  const head = 'POST / HTTP/1.1\r\nHost: acme.localhost\r\nContent-Length: 1000\r\n\r\n'
  openSocket(port, `${head}ten bytes!`)
  openSocket(port, `${head}ten bytes!`)
  await eventually(() => expect(asked).toHaveBeenCalledTimes(1))
})

test('a request that a backend may have begun is never sent to another', async () => {
  const second = answering(good)
  const backends = [await guarded(answering('').server), await guarded(second.server)]
  const port = await serve([routeTo('acme', backends)])
  expect((await fetchFrom(port, '/', { method: 'POST', body: 'x' })).status).toBe(502)
  expect(second.heard).toEqual([])
})
