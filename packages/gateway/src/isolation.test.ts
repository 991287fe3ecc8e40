import { createServer } from 'node:net'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import {
  backendAt,
  listen,
  openSocket,
  routeTo,
  serve,
  silent,
} from './gateway-under-test.suite.ts'
import { strangeHosts, strangeTargets } from './strange-bytes.suite.ts'

/** A tenant's Odoo that remembers the heads of the requests that reached it. */
async function startTenant(label: string) {
  const heads: string[] = []
  const server = createServer((socket) => {
    socket.on('data', (chunk) => {
      heads.push(chunk.toString('latin1'))
      socket.end(`HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\n${label}`)
    })
  })
  return { heads, route: routeTo(label, [backendAt(await listen(server))]) }
}

test('whatever bytes a client sends as host and path, a tenant hears of requests for its host only', async () => {
  const error = vi.fn()
  const [acme, beta] = [await startTenant('acme'), await startTenant('beta')]
  const log = { ...silent, error }
  const port = await serve([acme.route, beta.route], { log })
  const upgrades = fc.constantFrom('close', 'Upgrade\r\nUpgrade: websocket')

  await fc.assert(
    fc.asyncProperty(strangeHosts, strangeTargets, upgrades, async (host, target, connection) => {
      const before = acme.heads.length + beta.heads.length
      const text = `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: ${connection}\r\n\r\n`
      const client = openSocket(port, Buffer.from(text, 'latin1'))
      await client.answered
      client.socket.destroy()
      const heard = acme.heads.length + beta.heads.length - before
      expect(client.received()).toMatch(
        heard > 0 ? /^(HTTP\/1\.1 \d{3} |$)/ : /^(HTTP\/1\.1 [345]|$)/,
      )
    }),
    { numRuns: 1000 },
  )

  expect(acme.heads.length).toBeGreaterThan(10)
  expect(beta.heads.length).toBeGreaterThan(5)
  for (const [label, { heads }] of Object.entries({ acme, beta })) {
    for (const head of heads) {
      const own = `${label}\\.localhost(:\\d{1,5})?`
      expect(head.match(/^(x-forwarded-)?host: .*$/gim)).toHaveLength(2)
      expect(head).toMatch(new RegExp(`\r\nhost: ${own}\r\n`, 'i'))
      expect(head).toMatch(new RegExp(`\r\nx-forwarded-host: ${own}\r\n`, 'i'))
    }
  }
  expect(error).not.toHaveBeenCalled()
})
