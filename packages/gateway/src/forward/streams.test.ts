import { once } from 'node:events'
import { createServer as createHttpServer, type IncomingMessage, request as send } from 'node:http'
import { createServer } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { expect, test, vi } from 'vitest'
import {
  backendAt,
  eventually,
  listen,
  openSocket,
  rawBackend,
  routeTo,
  serve,
  startGateway,
} from '../gateway-under-test.suite.ts'

const request = (method: string, more = '') =>
  `${method} / HTTP/1.1\r\nHost: acme.localhost\r\n${more}\r\n`

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

test('bytes of an answer are passed on as they are, small or large, in chunks or not', async () => {
  const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, at) => (at * 7) % 256))
  const server = createHttpServer((incoming, answer) => {
    if (incoming.url === '/chunks') {
      for (let at = 0; at < bytes.length; at += 999) answer.write(bytes.subarray(at, at + 999))
      answer.end()
    } else answer.end(incoming.url === '/small' ? bytes.subarray(0, 1000) : bytes)
  })
  const port = await startGateway(server)
  expect(await bytesFrom(port, '/small')).toEqual(bytes.subarray(0, 1000))
  expect(await bytesFrom(port, '/large')).toEqual(bytes)
  expect(await bytesFrom(port, '/chunks')).toEqual(bytes)
})

test('the head of an answer does not wait for its body', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nX-Early: 1\r\n\r\n'))
  })
  const client = openSocket(await startGateway(server), request('GET'))
  await eventually(() => expect(client.received()).toMatch(/x-early: 1\r\n[\s\S]*\r\n\r\n/i))
})

test('early hints pass, other information ends here', async () => {
  const information =
    'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </app.css>; rel=preload; as=style\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: not one\r\n\r\n'
  const port = await startGateway(rawBackend(`${information}${ok}`))
  const client = openSocket(port, request('GET', 'Connection: close\r\n'))
  await client.closed
  expect(client.received().match(/^HTTP\/1\.1 \d+/gm)).toEqual(['HTTP/1.1 103', 'HTTP/1.1 200'])
  expect(client.received()).toContain('Link: </app.css>; rel=preload; as=style\r\n')
})

test('trailers of an answer pass, those that could mislead do not, and a request’s stay here', async () => {
  const heard: string[] = []
  const server = createServer((socket) => {
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk.toString()
      if (!text.includes('\r\n0\r\n')) return
      heard.push(text)
      socket.end(
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\nContent-Length: 5\r\nSet-Cookie: a=1\r\n\r\n',
      )
    })
  })
  const port = await startGateway(server)
  const client = openSocket(
    port,
    `${request('POST', 'Transfer-Encoding: chunked\r\nTE: trailers\r\nConnection: close, TE\r\n')}1\r\nx\r\n0\r\nX-Forwarded-For: 1.2.3.4\r\nX-Pulse-Backend: x\r\nX-Sum: 2\r\n\r\n`,
  )
  await client.closed
  expect(heard[0]).toMatch(/\r\n\r\n1\r\nx\r\n0\r\n\r\n$/)
  expect(client.received()).toMatch(/2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n$/)
})

test('a client that does not read stops the backend, and loses nothing', async () => {
  const piece = Buffer.alloc(64 * 1024, 'x')
  // Many times what the collector may leave lying about.
  const pieces = 4096
  let written = 0
  const server = createHttpServer((_request, answer) => {
    const more = () => {
      while (written < pieces) {
        written += 1
        if (!answer.write(piece)) {
          answer.once('drain', more)
          return
        }
      }
      answer.end()
    }
    more()
  })
  const port = await startGateway(server)
  let received = 0
  const paused = Promise.withResolvers<() => void>()
  const ended = new Promise((resolve, reject) => {
    const outgoing = send({ port, host: '127.0.0.1', headers: { host: 'acme.localhost' } })
    outgoing.on('error', reject).on('response', (incoming) => {
      incoming.pause()
      incoming.on('data', (chunk: Buffer) => {
        received += chunk.length
      })
      incoming.on('end', resolve)
      incoming.pause()
      paused.resolve(() => incoming.resume())
    })
    outgoing.end()
  })
  const resume = await paused.promise
  // Whatever waits in sockets and buffers on the way: far from all of it.
  let last = -1
  await eventually(() => {
    const before = last
    last = written
    expect(last).toBe(before)
  })
  expect(written).toBeLessThan(pieces / 2)
  resume()
  await ended
  expect(received).toBe(piece.length * pieces)
})

test('what waits for a client that dawdles is not touched by what others are sent', async () => {
  const [much, some] = [8 * 1024 * 1024, 256 * 1024]
  const server = createHttpServer(({ url = '' }, answer) => {
    answer.end(Buffer.alloc(url.startsWith('/slow') ? much : some, url))
  })
  const port = await startGateway(server)
  const visit = async (path: string) => {
    const outgoing = send({ port, path, host: '127.0.0.1', headers: { host: 'acme.localhost' } })
    const incoming = await new Promise<IncomingMessage>((resolve, reject) =>
      outgoing.on('error', reject).on('response', resolve).end(),
    )
    return async () => {
      const all = await buffer(incoming)
      return all.equals(Buffer.alloc(all.length, path)) ? all.length : 'not its own'
    }
  }
  const dawdling = await Promise.all(['/slow-1', '/slow-2', '/slow-3'].map(visit))
  for (let round = 0; round < 3; round += 1) {
    const others = ['/a', '/b', '/c', '/d'].map(async (path) => (await visit(path))())
    expect(await Promise.all(others)).toEqual([some, some, some, some])
  }
  expect(await Promise.all(dawdling.map((read) => read()))).toEqual([much, much, much])
})

test('a large upload in chunks is not gathered: a backend that does not read stops the client, and loses nothing', async () => {
  const pieces = 512
  const piece = Buffer.from(`10000\r\n${'x'.repeat(64 * 1024)}\r\n`)
  const reads = Promise.withResolvers<void>()
  const server = createHttpServer(async (incoming, answer) => {
    if (incoming.method === 'POST') await reads.promise
    answer.end(`${(await buffer(incoming)).length} bytes`)
  })
  const port = await startGateway(server)
  const upload = (method: string) => {
    const more = 'Transfer-Encoding: chunked\r\nConnection: close\r\n'
    const { socket, received, closed } = openSocket(port, request(method, more))
    const progress = { sent: 0, received, closed }
    const send = async () => {
      for (; progress.sent < pieces; progress.sent += 1) {
        if (!socket.write(piece)) await once(socket, 'drain')
      }
      socket.write('0\r\n\r\n')
    }
    void send()
    return progress
  }
  const stopped = upload('POST')
  // Another that is read comes to its end: by then the first would have been taken too.
  const taken = upload('PUT')
  await taken.closed
  expect(taken.received()).toContain(`${pieces * 64 * 1024} bytes`)
  expect(stopped.sent).toBeLessThan(pieces / 2)
  reads.resolve()
  await stopped.closed
  expect(stopped.received()).toContain(`${pieces * 64 * 1024} bytes`)
})

test.each([
  ['does not answer', '', { answerTimeoutMs: 50 }, /^HTTP\/1\.1 504 /],
  ['pauses in its head', 'HTTP/1.1 200 OK\r\nX-A', { answerTimeoutMs: 50 }, /^HTTP\/1\.1 504 /],
  [
    'pauses in its answer',
    'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf',
    { answerIdleTimeoutMs: 50 },
    /^HTTP\/1\.1 200 [\s\S]*half$/,
  ],
])('a backend that %s ends with its time', async (_how, answer, limits, expected) => {
  const ended = vi.fn()
  const server = createServer((socket) => {
    socket.once('data', () => answer && socket.write(answer))
    socket.on('close', ended)
  })
  const port = await startGateway(server, { limits })
  const client = openSocket(port, request('GET', 'Connection: close\r\n'))
  await client.closed
  expect(client.received()).toMatch(expected)
  await eventually(() => expect(ended).toHaveBeenCalled())
})

test('a backend that answers while a client still sends may wait for it as long as the client may take', async () => {
  const limits = { answerTimeoutMs: 50, answerIdleTimeoutMs: 50 }
  const begun = vi.fn()
  const server = createServer((socket) => {
    let text = ''
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      text += chunk.toString()
      if (text.includes('end')) socket.end('rest')
      else if (text.includes('begin')) begun()
      if (text.endsWith('begin')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf')
    })
  })
  const port = await startGateway(server, { limits })
  const client = openSocket(port, `${request('POST', 'Content-Length: 8\r\n')}begin`)
  await eventually(() => expect(client.received()).toContain('half'))
  // Another waits for as long as one may, and is cut: by then that time is over for the first too.
  const other = openSocket(
    port,
    `${request('POST', 'Content-Length: 5\r\nConnection: close\r\n')}other`,
  )
  await other.closed
  expect(other.received()).toMatch(/^HTTP\/1\.1 504 /)
  client.socket.write('end')
  await eventually(() => expect(client.received()).toContain('halfrest'))
})

test('a backend that pauses in its answer ends with its time once the upload is through', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf'))
  })
  const port = await startGateway(server, { limits: { answerIdleTimeoutMs: 50 } })
  const client = openSocket(port, `${request('POST', 'Content-Length: 8\r\n')}begin`)
  await eventually(() => expect(client.received()).toContain('half'))
  client.socket.write('end')
  await client.closed
  expect(client.received()).toMatch(/half$/)
})

test('a client that leaves in the middle of its upload is left, and its backend hears of it', async () => {
  const facts = vi.fn()
  const ended = vi.fn()
  const begun = Promise.withResolvers<void>()
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', () => begun.resolve())
    socket.on('close', ended)
  })
  const port = await startGateway(server, { onRequest: facts })
  const client = openSocket(port, `${request('POST', 'Content-Length: 100\r\n')}half`)
  await begun.promise
  client.socket.destroy()
  await eventually(() => expect(ended).toHaveBeenCalled())
  await eventually(() =>
    expect(facts).toHaveBeenCalledWith(expect.objectContaining({ status: 499 })),
  )
})

test('a length that a client spells for Python alone does not reach Odoo', async () => {
  const heads: string[] = []
  const port = await serve([
    routeTo('acme', [
      backendAt(
        await listen(rawBackend('HTTP/1.0 204 No Content\r\n\r\n', (head) => heads.push(head))),
      ),
    ]),
  ])
  const client = openSocket(
    port,
    request('GET', 'Content_Length: 100\r\nTransfer_Encoding: chunked\r\nConnection: close\r\n'),
  )
  await client.closed
  expect(heads[0]).not.toMatch(/content.length|transfer.encoding/i)
})

function bytesFrom(port: number, path: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const outgoing = send({ port, path, host: '127.0.0.1', headers: { host: 'acme.localhost' } })
    outgoing.on('error', reject).on('response', (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('end', () => resolve(Buffer.concat(chunks)))
    })
    outgoing.end()
  })
}
