import { once } from 'node:events'
import { createServer } from 'node:net'
import { createKinds } from '@pulse/api'
import { createFace, createMemoryObjects, tokenAuthentication } from '@pulse/engine'
import { createGateway } from '@pulse/gateway'
import { expect, onTestFinished, test } from 'vitest'
import { createAuthority } from '../installation/certificates.ts'
import { PortTakenError } from '../installation/free-port.ts'
import { silent } from '../silent-log.suite.ts'
import { openCertificates } from '../tls/open-certificates.ts'
import { createMetricsDoor } from './metrics-door.ts'
import { listenOn, portUses } from './port-uses.ts'

const host = '127.0.0.1'
const now = () => new Date()

/** Each listens as the server does. */
const listeners: Readonly<Record<keyof typeof portUses, (port: number) => Promise<unknown>>> = {
  http: (port) => gateway().listen({ hosts: [host], port }),
  https: async (port) => {
    const authority = await createAuthority(now())
    const config = { tls: 'local' } as const
    const isKnown = () => true
    const certificates = await openCertificates({ config, authority, isKnown, now, log: silent })
    if (certificates === undefined) throw new Error('there are no certificates')
    onTestFinished(() => certificates.close())
    return await gateway().listen({ hosts: [host], port, certificates })
  },
  api: async (port) => {
    const kinds = await createKinds()
    const objects = createMemoryObjects({ kinds: kinds.findKind, now, newUid: () => 'uid' })
    onTestFinished(() => objects.close())
    const face = createFace({
      objects,
      kinds,
      authenticate: tokenAuthentication([]),
      openLog: () => Promise.reject(new Error('there are no logs')),
      version: '0.0.0',
      log: silent,
      now,
    })
    return await face.listen({ host, port })
  },
  metrics: (port) => {
    const nothing = { text: async () => '', figuresOf: () => undefined, metricsToken: undefined }
    return createMetricsDoor({ ...nothing, adminToken: 'x', log: silent }).listen({ host, port })
  },
}

test.each([
  ['http', 'gateway', 'PLANA_HTTP_PORT'],
  ['https', 'TLS', 'PLANA_HTTPS_PORT'],
  ['api', 'API', 'PLANA_API_PORT'],
  ['metrics', 'metrics', 'PLANA_METRICS_PORT'],
] as const)(
  'a port that is taken since it was looked at is named: %s',
  async (door, use, setting) => {
    const port = await takenPort()
    const listening = listenOn(portUses[door], port, listeners[door])
    await expect(listening).rejects.toThrow(PortTakenError)
    await expect(listening).rejects.toThrow(
      `the ${use} port ${port} is taken: free it, or ask for another one with ${setting}`,
    )
  },
)

test('an address that is gone since it was looked at is told as such, with its setting', async () => {
  const listen = (port: number) => {
    const nothing = { text: async () => '', figuresOf: () => undefined, metricsToken: undefined }
    const door = createMetricsDoor({ ...nothing, adminToken: 'x', log: silent })
    // Of a range for documentation (RFC 5737): no machine has it.
    return door.listen({ host: '192.0.2.1', port })
  }
  await expect(listenOn(portUses.metrics, 9090, listen)).rejects.toThrow(
    'PLANA_METRICS_HOST: 192.0.2.1 is no address of this machine',
  )
})

test('what else stands in the way of listening is told as it is', async () => {
  const failure = new Error('the certificate cannot be read')
  await expect(listenOn(portUses.https, 8443, () => Promise.reject(failure))).rejects.toBe(failure)
})

test('a port that is free is listened on', async () => {
  expect(await listenOn(portUses.http, 8080, async (port) => port)).toBe(8080)
})

async function takenPort(): Promise<number> {
  const server = createServer()
  await once(server.listen(0, host), 'listening')
  onTestFinished(() => void server.close())
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

function gateway() {
  const opened = createGateway({
    routes: { find: () => undefined },
    waker: {
      see: () => undefined,
      look: async () => undefined,
      write: () => Promise.reject(new Error('nothing is written')),
      isReady: async () => false,
      doubt() {},
      members: () => ['gateway'],
      awake: () => [],
      onChange() {},
    },
    log: silent,
    limits: { drainMs: 0 },
  })
  onTestFinished(() => opened.close())
  return opened
}
