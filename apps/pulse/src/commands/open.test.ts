import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { type Running, writeRunning } from '../server/running.ts'
import { createTestCommand } from './pulse-command.suite.ts'
import { machineOf } from './status.suite.ts'

const plain = 'http://acme.localhost:8080'
const tls = 'https://acme.localhost:8443'

const client = {
  apiVersion: 'planapulse.com/v1alpha1',
  kind: 'PLANAClient',
  metadata: { name: 'acme' },
  spec: { subdomain: 'acme', projectId: 1, ownerEmail: 'a@acme.bg', ownerName: 'Acme' },
}

let stateDir: string
beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'pulse-open-'))
  return () => rm(stateDir, { recursive: true })
})

/** A tenant that is served; the server has these doors. */
async function serving(doors: Pick<Running, 'gatewayTls'>) {
  await writeRunning(stateDir, {
    ...{ pid: process.pid, version: '0.0.0', startedAt: '2026-01-01T00:00:00Z' },
    ...{ gateway: 'http://localhost:8080', api: 'https://127.0.0.1:6443', ...doors },
    postgres: { source: 'system', major: 16 },
  })
  const command = createTestCommand({ machine: async () => machineOf() })
  await command.store.create(client, { fieldManager: 'test' })
  const status = { fieldManager: 'test', subresource: 'status' } as const
  await command.store.update({ ...client, status: { url: plain } }, status)
  return command
}

const withTls = { gatewayTls: 'https://localhost:8443' }

test('where the gateway speaks TLS as well, programs and people are told that address, too', async () => {
  const json = await serving(withTls)
  await json.pulse('open', 'acme', '--print', '-o', 'json', '--state', stateDir)
  expect(JSON.parse(json.written.out)).toEqual({ url: plain, tlsUrl: tls })
  const status = await serving(withTls)
  await status.pulse('status', '--state', stateDir)
  expect(status.written.out).toMatch(/Gateway, TLS +https:\/\/localhost:8443/)
})

test('--print prints one address, whatever else there is', async () => {
  const { pulse, written } = await serving(withTls)
  await pulse('open', 'acme', '--print', '--state', stateDir)
  expect(written.out).toBe(`${plain}\n`)
})

test('without TLS there is nothing to tell of it', async () => {
  const { pulse, written } = await serving({})
  await pulse('open', 'acme', '--print', '-o', 'json', '--state', stateDir)
  await pulse('status', '--state', stateDir)
  expect(written.out).not.toMatch(/tls/i)
})

test('--login of a tenant that is being made says that it is not ready, and prints no empty login', async () => {
  const { pulse, store, written } = await serving({})
  const { apiVersion } = client
  const place = { namespace: 'instance-acme', name: 'login' }
  const write = { fieldManager: 'test' }
  const environment = await store.create(
    {
      apiVersion,
      kind: 'TenantEnvironment',
      metadata: { name: 'acme-prod' },
      spec: { client: 'acme', name: 'prod', odooVersion: '18', hosting: 'instance' },
    },
    write,
  )
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: place.namespace } }
  await store.create(namespace, write)
  await store.create({ apiVersion: 'v1', kind: 'Secret', metadata: place }, write)
  const status = { credentials: place }
  await store.update({ ...environment, status }, { ...write, subresource: 'status' })
  await expect(pulse('open', 'acme', '--login', '--state', stateDir)).rejects.toMatchObject({
    message: 'acme-prod is not ready yet: it gets its login with its database',
    exitCode: 1,
  })
  expect(written.out).toBe('')
})
