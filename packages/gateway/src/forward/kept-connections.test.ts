import { createServer, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { fetchFrom, startGateway } from '../gateway-under-test.suite.ts'

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

test('a kept connection that the backend closes at the next request costs no request', async () => {
  const heads: string[] = []
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      heads.push(chunk.toString())
      if (heads.length === 2) socket.destroy()
      else socket.write(ok)
    })
  })
  const port = await startGateway(server)
  expect((await fetchFrom(port, '/first')).body).toBe('ok')
  expect((await fetchFrom(port, '/second')).body).toBe('ok')
  expect(heads.map((head) => head.split(' ')[1])).toEqual(['/first', '/second', '/second'])
})

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
