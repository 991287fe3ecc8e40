import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { Agent, type RequestOptions, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import type { Log } from '@pulse/api'
import {
  createFixedWaker,
  createGateway,
  type GatewayLimits,
  openCertificateFiles,
  servedBy,
} from '@pulse/gateway'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createAuthority, createHostCertificate } from '../installation/certificates.ts'
import { type OpenCertificatesOptions, openCertificates } from './open-certificates.ts'

const now = () => new Date()
const error = vi.fn()
const log: Log = { debug() {}, info() {}, warn() {}, error, child: () => log }
const authority = await createAuthority(now())

interface Seen {
  readonly body: string
  readonly authorized: boolean
  readonly names: string | undefined
  readonly serial: string
}

test('each host that is served has a certificate of the local authority, and its Odoo hears of https', async () => {
  const port = await serve({ tls: 'local' })
  const seen = await ask(port, 'acme.localhost')
  expect(seen).toMatchObject({ authorized: true, names: 'DNS:acme.localhost' })
  expect(JSON.parse(seen.body)).toMatchObject({
    host: `acme.localhost:${port}`,
    'x-forwarded-proto': 'https',
  })
  expect((await ask(port, 'beta.localhost')).names).toBe('DNS:beta.localhost')
  expect((await ask(port, 'ACME.localhost')).serial).toBe(seen.serial)
})

test.each(['nobody.localhost', ''])(
  'a client that asks for “%s” gets an alert, and no other certificate',
  async (servername) => {
    const port = await serve({ tls: 'local' })
    await expect(ask(port, 'acme.localhost', { servername })).rejects.toThrow(/alert|ECONNRESET/)
  },
)

test('TLS before 1.2 is not spoken', async () => {
  const port = await serve({ tls: 'local' })
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
  await expect(ask(port, 'acme.localhost', old)).rejects.toThrow(/alert protocol version/)
})

test('certificates come from files, of a name or of all names below another', async () => {
  const folder = await folderWith({
    'acme.localhost': 'acme.localhost',
    '_.example.com': '*.example.com',
  })
  const port = await serve({ tls: 'off', tlsDir: folder })
  expect((await ask(port, 'acme.localhost')).names).toBe('DNS:acme.localhost')
  expect((await ask(port, 'shop.example.com')).names).toBe('DNS:*.example.com')
  await expect(ask(port, 'a.shop.example.com')).rejects.toThrow()
  await expect(ask(port, 'beta.localhost')).rejects.toThrow()
})

test('a folder that is not there is a mistake in its setting, and named with it', async () => {
  const tlsDir = join(await folderWith({}), 'missing')
  await expect(serve({ tls: 'off', tlsDir })).rejects.toThrow(/PLANA_TLS_DIR: ENOENT: .*missing/)
})

test('a host without a file has one of the local authority, if that is wanted', async () => {
  const folder = await folderWith({ 'acme.localhost': 'acme.localhost' })
  const port = await serve({ tls: 'local', tlsDir: folder })
  expect((await ask(port, 'beta.localhost')).names).toBe('DNS:beta.localhost')
})

test('a changed pair is taken while the gateway runs; a broken one is named, and the last stays', async () => {
  error.mockClear()
  const folder = await folderWith({ 'acme.localhost': 'acme.localhost' })
  const port = await serve({ tls: 'off', tlsDir: folder })
  const first = await ask(port, 'acme.localhost')
  await write(folder, 'acme.localhost', 'acme.localhost')
  await vi.waitFor(async () => {
    expect((await ask(port, 'acme.localhost')).serial).not.toBe(first.serial)
  }, patience)
  const second = await ask(port, 'acme.localhost')
  const { key } = await createHostCertificate(authority, 'acme.localhost', now())
  writeFileSync(join(folder, 'acme.localhost.key'), key)
  await vi.waitFor(() => {
    expect(error).toHaveBeenCalledWith(
      expect.objectContaining({ file: 'acme.localhost.crt' }),
      'certificate cannot be used',
    )
  }, patience)
  expect((await ask(port, 'acme.localhost')).serial).toBe(second.serial)
})

test('a renewal behind links is taken too, though their folder does not change', async () => {
  const [issued, linked] = [await folderWith({ live: 'acme.localhost' }), await folderWith({})]
  for (const end of ['crt', 'key']) {
    symlinkSync(join(issued, `live.${end}`), join(linked, `acme.localhost.${end}`))
  }
  const files = await openCertificateFiles({ directory: linked, log, againMs: 50 })
  onTestFinished(files.close)
  const first = files.find('acme.localhost')
  expect(first).toBeDefined()
  await write(issued, 'live', 'acme.localhost')
  await vi.waitFor(() => expect(files.find('acme.localhost')).not.toBe(first), patience)
})

test('that a certificate ends soon is said, before it ends', async () => {
  const warn = vi.fn()
  const folder = await folderWith({})
  // Ten days before its end.
  const ending = new Date(Date.now() - 387 * 86_400_000)
  const { certificate, key } = await createHostCertificate(authority, 'acme.localhost', ending)
  writeFileSync(join(folder, 'acme.localhost.crt'), certificate)
  writeFileSync(join(folder, 'acme.localhost.key'), key)
  const files = await openCertificateFiles({ directory: folder, log: { ...log, warn } })
  onTestFinished(files.close)
  await files.reload()
  expect(warn.mock.calls).toEqual([
    [{ file: 'acme.localhost.crt', expiresAt: expect.any(Date) }, 'certificate expires soon'],
  ])
})

test('a connection with TLS gives its place back when it ends, and ends with the gateway', async () => {
  const port = await serve({ tls: 'local' }, { connectionsMax: 1 })
  await ask(port, 'acme.localhost')
  await vi.waitFor(() => ask(port, 'acme.localhost'), patience)
  const agent = new Agent({ keepAlive: true })
  onTestFinished(() => agent.destroy())
  await vi.waitFor(() => ask(port, 'acme.localhost', { agent }), patience)
  await expect(ask(port, 'acme.localhost')).rejects.toThrow()
})

test('a client that reads nothing is cut within TLS as well, and its backend is free again', async () => {
  const freed = vi.fn()
  const backend = createServer((_request, answer) => {
    answer.on('close', freed).end(Buffer.alloc(64 * 1024 * 1024, 'x'))
  })
  const port = await serve({ tls: 'local' }, { answerStallTimeoutMs: 200 }, backend)
  const client = connect({
    ...{ host: '127.0.0.1', port, servername: 'acme.localhost' },
    ca: authority.certificate,
  })
  onTestFinished(() => void client.destroy())
  client.on('error', () => {}).pause()
  client.write('GET / HTTP/1.1\r\nHost: acme.localhost\r\n\r\n')
  await vi.waitFor(() => expect(freed).toHaveBeenCalled(), patience)
})

test('an offer of another protocol before a body in chunks is passed over within TLS as well', async () => {
  const backend = createServer((request, answer) => {
    request.on('error', () => {})
    request.pipe(answer)
  })
  const port = await serve({ tls: 'local' }, {}, backend)
  const head = [
    'POST / HTTP/1.1',
    'Host: acme.localhost',
    'Connection: Upgrade',
    'Upgrade: h2c',
    'Transfer-Encoding: chunked',
    '\r\n',
  ].join('\r\n')
  const client = connect({
    ...{ host: '127.0.0.1', port, servername: 'acme.localhost' },
    ca: authority.certificate,
  })
  onTestFinished(() => void client.destroy())
  let received = ''
  client.on('data', (bytes) => {
    received += bytes
  })
  const closed = new Promise((resolve) => client.once('close', resolve))
  client.write(`${head}5\r\nwhole\r\n0\r\n\r\n`)
  await vi.waitFor(() => expect(received).toMatch(/^HTTP\/1\.1 200 [\s\S]*whole/), patience)
  client.write(`${head}no chunk\r\n`)
  await closed
  expect(received).toMatch(/whole[\s\S]*HTTP\/1\.1 400 /)
})

const patience = { timeout: 4_500, interval: 20 }

const hosts = ['acme.localhost', 'beta.localhost', 'shop.example.com', 'a.shop.example.com']

/** A gateway with TLS before one backend, which answers with the headers that it was sent. */
async function serve(
  config: OpenCertificatesOptions['config'],
  limits: Partial<GatewayLimits> = {},
  backend = createServer(({ headers }, answer) => answer.end(JSON.stringify(headers))),
): Promise<number> {
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void backend.close())
  const address = backend.address()
  const backendPort = typeof address === 'object' && address ? address.port : 0
  const ready = [{ address: '127.0.0.1', httpPort: backendPort, websocketPort: backendPort }]
  const sight = servedBy(ready)
  const gateway = createGateway({
    routes: {
      find: (host) =>
        hosts.includes(host)
          ? {
              environment: host,
              hostname: host,
              displayName: host,
              state: { phase: 'serving' },
            }
          : undefined,
    },
    waker: createFixedWaker(() => sight),
    log,
    limits: { drainMs: 0, ...limits },
  })
  onTestFinished(() => gateway.close())
  const isKnown = (host: string) => hosts.includes(host)
  const certificates = await openCertificates({ config, authority, isKnown, now, log })
  if (certificates === undefined) throw new Error('there are no certificates')
  onTestFinished(() => certificates.close())
  return await gateway.listen({ hosts: ['127.0.0.1'], port: 0, certificates })
}

function ask(port: number, host: string, options: RequestOptions = {}): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const outgoing = request({
      ...{ host: '127.0.0.1', port, servername: host, agent: false },
      ca: authority.certificate,
      headers: { host: `${host}:${port}` },
      ...options,
    })
    let certificate: Pick<Seen, 'authorized' | 'names' | 'serial'> | undefined
    outgoing.on('socket', (socket: TLSSocket) =>
      socket.on('secureConnect', () => {
        const { subjectaltname, serialNumber } = socket.getPeerCertificate()
        certificate = {
          authorized: socket.authorized,
          names: subjectaltname,
          serial: serialNumber,
        }
      }),
    )
    outgoing.on('error', reject)
    outgoing.on('response', (incoming) => {
      let body = ''
      incoming.on('data', (chunk) => {
        body += chunk
      })
      incoming.on('end', () => {
        if (certificate) resolve({ ...certificate, body })
        else reject(new Error('no certificate was seen'))
      })
    })
    outgoing.end()
  })
}

/** Pairs of files by the name of the file, each for the name in its certificate. */
async function folderWith(pairs: Readonly<Record<string, string>>): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'pulse-tls-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [file, host] of Object.entries(pairs)) await write(folder, file, host)
  return folder
}

async function write(folder: string, file: string, host: string) {
  const { key, certificate } = await createHostCertificate(authority, host, now())
  writeFileSync(join(folder, `${file}.key`), key)
  writeFileSync(join(folder, `${file}.crt`), certificate)
}
