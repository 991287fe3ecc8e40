import { createServer, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import {
  backendAt,
  fetchFrom,
  listen,
  routeTo,
  serve,
  startGateway,
} from '../gateway-under-test.suite.ts'
import { refusal } from '../guarded-process.suite.ts'

/** Answers every request on a connection with the same, and tells how many connections there were. */
function keepingBackend(answer: string) {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    socket.on('data', () => socket.write(answer))
  })
  return { server, sockets }
}

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

test('a backend that keeps its connection gets the next safe request on it, others on their own', async () => {
  const { server, sockets } = keepingBackend(ok)
  const port = await startGateway(server)
  for (const method of ['GET', 'GET', 'OPTIONS']) await fetchFrom(port, '/', { method })
  expect(sockets).toHaveLength(1)
  await fetchFrom(port, '/', { method: 'POST', body: 'x' })
  await fetchFrom(port, '/', { method: 'DELETE' })
  expect(sockets).toHaveLength(3)
})

/** Answers the first request on a connection, and closes at the second: before, or in the midst of, its answer. */
function closingBackend(begun = '') {
  const heads: string[] = []
  const server = createServer((socket) => {
    let isKept = false
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      heads.push(chunk.toString().split(' ', 2).join(' '))
      if (isKept) socket.end(begun)
      else socket.write(ok)
      isKept = true
    })
  })
  return { server, heads }
}

test.each(['GET', 'HEAD', 'OPTIONS'])(
  'a kept connection that closes before any byte of the answer costs no %s: it is sent again there',
  async (method) => {
    const { server, heads } = closingBackend()
    const port = await startGateway(server)
    await fetchFrom(port, '/first')
    expect((await fetchFrom(port, '/second', { method })).status).toBe(200)
    expect(heads).toEqual(['GET /first', `${method} /second`, `${method} /second`])
  },
)

test.each([
  ['is left by everybody', false],
  ['is another process’s by then', true],
])(
  'a GET whose kept connection closes is another backend’s when that address %s',
  async (_what, hasSuccessor) => {
    const taken: string[] = []
    const take = (name: string, chunk: Buffer) => {
      taken.push(`${name} ${chunk.toString().split(' ')[1]}`)
      return taken.length
    }
    let isSuccessor = false
    const dying = createServer((socket) => {
      socket.on('error', () => {})
      if (isSuccessor) return void socket.on('data', () => socket.write(refusal('identity')))
      socket.on('data', (chunk) => {
        if (take('one', chunk) === 1) return socket.write(ok)
        isSuccessor = true
        if (!hasSuccessor) dying.close()
        socket.destroy()
      })
    })
    const other = createServer((socket) =>
      socket.on('data', (chunk) => {
        take('other', chunk)
        socket.write(ok)
      }),
    )
    const places = [await listen(dying), await listen(other)]
    const port = await serve([routeTo('acme', places.map(backendAt))])
    await fetchFrom(port, '/first')
    await fetchFrom(port, '/second')
    expect((await fetchFrom(port, '/third')).status).toBe(200)
    expect(taken).toEqual(['one /first', 'other /second', 'one /third', 'other /third'])
  },
)

test('a request that was sent again is not sent a third time, nor to another backend', async () => {
  const taken: string[] = []
  /** Answers the first request of all, and no other. */
  const closing = (name: string) => {
    let isFirst = true
    return createServer((socket) => {
      socket.on('error', () => {})
      socket.on('data', (chunk) => {
        taken.push(`${name} ${chunk.toString().split(' ')[1]}`)
        if (isFirst) socket.write(ok)
        else socket.end()
        isFirst = false
      })
    })
  }
  const places = [await listen(closing('one')), await listen(closing('other'))]
  const port = await serve([routeTo('acme', places.map(backendAt))])
  await fetchFrom(port, '/first')
  await fetchFrom(port, '/second')
  expect((await fetchFrom(port, '/third')).status).toBe(502)
  expect(taken).toEqual(['one /first', 'other /second', 'one /third', 'one /third'])
})

test('a request whose answer has begun on a kept connection is not sent again', async () => {
  const { server, heads } = closingBackend('H')
  const port = await startGateway(server)
  await fetchFrom(port, '/first')
  expect((await fetchFrom(port, '/second')).status).toBe(502)
  expect(heads).toEqual(['GET /first', 'GET /second'])
})

test.each([
  ['POST', 'no body', undefined],
  ['PUT', 'no body', undefined],
  ['PATCH', 'no body', undefined],
  ['DELETE', 'no body', undefined],
  ['PROPFIND', 'no body', undefined],
  ['GET', 'a body', 'body'],
])(
  'a %s with %s gets a connection of its own, and is not sent again when that closes',
  async (method, _what, body) => {
    const heads: string[] = []
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      socket.on('error', () => {})
      socket.on('data', (chunk) => {
        sockets.add(socket)
        heads.push(chunk.toString().split(' ', 2).join(' '))
        if (heads.length > 1) socket.end()
        else socket.write(ok)
      })
    })
    const port = await startGateway(server)
    await fetchFrom(port, '/first')
    const framed = body && { body, headers: { 'content-length': String(body.length) } }
    expect((await fetchFrom(port, '/second', { method, ...framed })).status).toBe(502)
    expect(heads.filter((head) => head === `${method} /second`)).toHaveLength(1)
    expect(sockets.size).toBe(2)
  },
)

test.each([
  ['after an answer', `${ok}HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret`],
  ['after an empty one', 'HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\n\r\nsecret'],
])('bytes %s are never the answer to the next request', async (_where, answer) => {
  const { server, sockets } = keepingBackend(answer)
  const port = await startGateway(server)
  for (let round = 0; round < 3; round += 1) {
    expect((await fetchFrom(port, '/')).body).not.toContain('secret')
  }
  expect(sockets).toHaveLength(3)
})

test('what a backend says on an idle connection ends it', async () => {
  const { server, sockets } = keepingBackend(ok)
  const port = await startGateway(server)
  await fetchFrom(port, '/')
  const [first] = sockets
  const closed = new Promise((resolve) => first?.once('close', resolve))
  first?.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret')
  await closed
  expect((await fetchFrom(port, '/')).body).toBe('ok')
})

test('an answer to HEAD has its length and no body', async () => {
  const { server } = keepingBackend('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n')
  const port = await startGateway(server)
  for (let round = 0; round < 2; round += 1) {
    const reply = await fetchFrom(port, '/', { method: 'HEAD' })
    expect(reply).toMatchObject({ status: 200, body: '', headers: { 'content-length': '1000' } })
  }
})
