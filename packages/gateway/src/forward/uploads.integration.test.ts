import { once } from 'node:events'
import { createServer } from 'node:http'
import { expect, test } from 'vitest'
import { openSocket, startGateway } from '../gateway-under-test.suite.ts'

const mebibyte = 1024 ** 2
// Client, gateway and backend are in this process, and what they let go is collected when Node likes; a body that is
// gathered takes all of its 2304 MiB.
const growthMaxBytes = 400 * mebibyte

test('an upload of gigabytes in chunks passes whole, and takes no memory', async () => {
  const chunk = Buffer.concat([
    Buffer.from(`${mebibyte.toString(16)}\r\n`),
    Buffer.alloc(mebibyte, 'x'),
    Buffer.from('\r\n'),
  ])
  const chunks = 2 * 1024 + 256
  const backend = createServer(async (request, response) => {
    let bytes = 0
    for await (const piece of request) bytes += piece.length
    response.end(String(bytes))
  })
  const port = await startGateway(backend, { limits: { bodyBytesMax: chunks * mebibyte } })
  const { socket, received, closed } = openSocket(
    port,
    'POST / HTTP/1.1\r\nHost: acme.localhost\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n',
  )
  let before = 0
  let most = 0
  for (let sent = 0; sent < chunks; sent += 1) {
    if (!socket.write(chunk)) await once(socket, 'drain')
    const bytes = process.memoryUsage.rss()
    // Until then the process, with client and backend in it, comes to its size: code, and what is collected now and then.
    if (sent < 256) before = bytes
    else most = Math.max(most, bytes - before)
  }
  socket.write('0\r\n\r\n')
  await closed
  expect(received()).toMatch(new RegExp(`^HTTP/1\\.1 200 [\\s\\S]*${chunks * mebibyte}`))
  expect(most).toBeLessThan(growthMaxBytes)
})
