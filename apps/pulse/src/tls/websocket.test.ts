import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { Log } from '@pulse/api'
import {
  createFixedWaker,
  createGateway,
  type ParkedProtocol,
  type SocketLife,
} from '@pulse/gateway'
import { expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { createAuthority } from '../installation/certificates.ts'
import { openCertificates } from './open-certificates.ts'

const now = () => new Date()
const log: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log }
const hostname = 'acme.localhost'
const environment = 'acme-prod'

test('a WebSocket over TLS stays open while its tenant sleeps, wakes it with a user’s words, and is attached anew', async () => {
  const authority = await createAuthority(now())
  const odoo = await startOdoo()
  const { gateway, port, sleep, wakes } = await serve(odoo.port, authority)

  const client = new WebSocket(`wss://127.0.0.1:${port}/websocket?version=1`, {
    ...{ ca: authority.certificate, servername: hostname },
    headers: { host: `${hostname}:${port}`, origin: `https://${hostname}:${port}` },
  })
  onTestFinished(() => client.terminate())
  const received: string[] = []
  client.on('message', (data) => received.push(data.toString()))
  await once(client, 'open')
  expect(gateway.parking.counts()).toEqual({ attached: 0, parked: 1 })
  expect(wakes()).toBe(0)

  client.send('hello')
  await vi.waitFor(() => expect(received).toEqual(['heard hello']), patience)
  expect(wakes()).toBe(1)
  expect(odoo.handshakes[0]).toMatchObject({
    host: `${hostname}:${port}`,
    'x-forwarded-proto': 'https',
  })

  await sleep()
  expect(odoo.ended).toEqual([1001])
  client.ping()
  await once(client, 'pong')
  expect(gateway.parking.counts()).toEqual({ attached: 0, parked: 1 })

  client.send('again')
  await vi.waitFor(() => expect(received).toEqual(['heard hello', 'heard again']), patience)
  expect(wakes()).toBe(2)
})

const patience = { timeout: 4_500, interval: 20 }

/** Every word of a client is a user's, and nothing is kept for later. */
const protocol: ParkedProtocol = {
  converse: () => ({ hear: () => 'activity', heed() {}, resume: () => [], keptBytes: 0 }),
  objection: () => undefined,
  isAbsorbed: ({ code }) => code !== 1000,
  sessionGone: { code: 4001, reason: '' },
}

async function startOdoo() {
  const handshakes: IncomingHttpHeaders[] = []
  const ended: number[] = []
  const server = createServer()
  const websockets = new WebSocketServer({ server })
  websockets.on('connection', (socket, { headers }) => {
    handshakes.push(headers)
    socket.on('message', (data) => socket.send(`heard ${data}`))
    socket.on('close', (code) => ended.push(code))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of websockets.clients) socket.terminate()
    server.close()
  })
  const address = server.address()
  return { handshakes, ended, port: typeof address === 'object' && address ? address.port : 0 }
}

/** A gateway with TLS and nothing else, before one environment that is woken by whoever asks for it. */
async function serve(odooPort: number, authority: Awaited<ReturnType<typeof createAuthority>>) {
  const backend = { address: '127.0.0.1', httpPort: odooPort, websocketPort: odooPort }
  let isAwake = false
  let wakes = 0
  const life: SocketLife = {
    async backend(_route, { wake }) {
      if (wake && !isAwake) wakes += 1
      isAwake ||= wake
      return isAwake ? backend : undefined
    },
    active() {},
    refused() {},
  }
  const route = { environment, hostname, displayName: 'Acme', state: { phase: 'serving' } } as const
  const isKnown = (host: string) => host === hostname
  const gateway = createGateway({
    routes: { find: (host) => (isKnown(host) ? route : undefined) },
    waker: createFixedWaker(() => undefined),
    log,
    limits: { drainMs: 0 },
    parked: { protocol, life },
  })
  onTestFinished(() => gateway.close())
  const config = { tls: 'local' } as const
  const certificates = await openCertificates({ config, authority, isKnown, now, log })
  if (certificates === undefined) throw new Error('there are no certificates')
  onTestFinished(() => certificates.close())
  const port = await gateway.listen({ hosts: ['127.0.0.1'], port: 0, certificates })
  return {
    gateway,
    port,
    wakes: () => wakes,
    sleep() {
      isAwake = false
      return gateway.parking.sleeping(environment)
    },
  }
}
