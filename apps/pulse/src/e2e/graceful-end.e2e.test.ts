import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test, vi } from 'vitest'
import { type PulseUnderTest, pulseOfTest } from './pulse-under-test.suite.ts'
import { createTenant } from './tenant.suite.ts'

const patience = { timeout: 30_000, interval: 20 }
const call =
  "<?xml version='1.0'?><methodCall><methodName>version</methodName><params/></methodCall>"

test('at SIGTERM what is under way is answered to its end, and nobody else is let in', async () => {
  const { pulse, port, host } = await openSite('60')
  const idle = await idleConnection(port, host)
  const idleEnds = once(idle, 'close')
  const upload = await beginCall(port, host)
  const exited = pulse.kill('SIGTERM')
  await untilRefused(port)
  await idleEnds

  const answering = once(upload, 'response')
  upload.end(call.slice(halfway))
  const [answer]: IncomingMessage[] = await answering
  expect(answer?.statusCode).toBe(200)
  expect(answer?.headers.connection).toBe('close')
  expect(answer && (await text(answer))).toContain('server_version')
  expect(await exited).toBe(0)
})

test('a request that never ends holds up the end no longer than its limit', async () => {
  const { pulse, port, host } = await openSite('0.5')
  const upload = await beginCall(port, host)
  const cut = once(upload, 'error')
  const exited = pulse.kill('SIGTERM')
  await cut
  expect(await exited).toBe(0)
})

async function openSite(drainSeconds: string) {
  const pulse: PulseUnderTest = await pulseOfTest({
    env: { PLANA_GATEWAY_DRAIN_TIMEOUT_SECONDS: drainSeconds },
  })
  const { hostname } = await createTenant(pulse, 'acme')
  const port = await pulse.httpPort()
  return { pulse, port, host: `${hostname}:${port}` }
}

const halfway = Math.floor(call.length / 2)

/** A call whose body comes by half: resolves once the gateway has asked for the body, which makes it under way. */
async function beginCall(port: number, host: string): Promise<ClientRequest> {
  const upload = request({
    host: '127.0.0.1',
    port,
    path: '/xmlrpc/2/common',
    method: 'POST',
    headers: {
      host,
      expect: '100-continue',
      'content-type': 'text/xml',
      'content-length': call.length,
    },
  })
  onTestFinished(() => void upload.destroy())
  upload.flushHeaders()
  await once(upload, 'continue')
  upload.write(call.slice(0, halfway))
  return upload
}

/** Kept alive after its answer, as browsers do. */
async function idleConnection(port: number, host: string): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port })
  onTestFinished(() => void socket.destroy())
  socket.write(`GET /robots.txt HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
  const [bytes] = await once(socket, 'data')
  expect(String(bytes)).toMatch(/^HTTP\/1\.1 \d+ /)
  socket.resume()
  return socket
}

/** Nobody listens there any more. */
async function untilRefused(port: number) {
  await vi.waitFor(async () => {
    const socket = connect({ host: '127.0.0.1', port })
    try {
      await expect(once(socket, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    } finally {
      socket.destroy()
    }
  }, patience)
}
