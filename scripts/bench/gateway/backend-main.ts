/**
 * The backend that is measured against: a server over bare sockets that answers canned bytes, so that it takes as little
 * as possible of the core that it shares with the client. Two ways: `keep-alive` (HTTP/1.1), and `http10`, as Odoo's
 * threaded server does it: HTTP/1.0, one connection a request. It reads GET requests only. With PORT in its environment
 * the first serves there.
 */
import { createServer } from 'node:net'

const [bodyOf1k, bodyOf100k] = [Buffer.alloc(1024, 'x'), Buffer.alloc(100 * 1024, 'x')]

function answer(version: string, body: Buffer): Buffer {
  const head = `HTTP/${version} 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), body])
}

function serve(version: '1.0' | '1.1', wanted = 0) {
  const [small, large] = [answer(version, bodyOf1k), answer(version, bodyOf100k)]
  const server = createServer({ noDelay: true }, (socket) => {
    let rest = ''
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      const heads = (rest + chunk.toString('latin1')).split('\r\n\r\n')
      rest = heads.pop() ?? ''
      for (const head of heads) {
        const whole = head.startsWith('GET /100k') ? large : small
        if (version === '1.0') socket.end(whole)
        else socket.write(whole)
      }
    })
  })
  return new Promise<number>((resolve) => {
    server.listen({ port: wanted, host: '127.0.0.1', backlog: 1024 }, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : 0)
    })
  })
}

const ports = {
  'keep-alive': await serve('1.1', Number(process.env.PORT ?? 0)),
  http10: await serve('1.0'),
}
console.log(JSON.stringify(ports))
