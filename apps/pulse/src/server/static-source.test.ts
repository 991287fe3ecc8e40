import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog } from '@pulse/service'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createTenantHosts } from '../routing/tenant-hosts.ts'
import { createStaticSource } from './static-source.ts'

const patience = { timeout: 20_000 }

const environment = (name: string, hosting: 'instance' | 'pool') => ({
  apiVersion: 'planapulse.com/v1alpha1',
  kind: 'TenantEnvironment',
  metadata: { name: `${name}-prod` },
  spec: { client: name, name: 'prod', odooVersion: '18', hosting },
})

async function addModule(folder: string, module: string) {
  await mkdir(join(folder, module, 'static'), { recursive: true, mode: 0o755 })
  await writeFile(join(folder, module, '__manifest__.py'), '{}', { mode: 0o644 })
}

async function underTest() {
  const root = await mkdtemp(join(tmpdir(), 'static-source-'))
  onTestFinished(() => rm(root, { recursive: true }))
  const addonsPath = join(root, 'odoo')
  await addModule(addonsPath, 'web')
  await addModule(addonsPath, 'sale')
  const hosts = createTenantHosts({ tenant: 'localhost', dev: 'localhost', platform: [] })
  hosts.noteEnvironment(environment('acme', 'instance'), false)
  hosts.noteEnvironment(environment('beta', 'pool'), false)
  const runtime = {
    major: '18',
    version: '18.0',
    command: ['python3'],
    addonsPath,
    standIn: false,
  } as const
  const volumes = join(root, 'volumes')
  const source = createStaticSource({
    runtimes: { all: () => [runtime], find: () => runtime, standIn: () => false, onChange() {} },
    environment: hosts.named,
    volumes,
    owners: [process.getuid?.() ?? 0],
    log: createLog('error'),
    patienceMs: 60_000,
  })
  const modulesOf = async (name: string) =>
    [...((await source.foldersOf(name))?.keys() ?? [])].toSorted()
  return { source, hosts, modulesOf, own: join(volumes, 'instance-acme', 'odoo-addons') }
}

test('the runtime’s files are known, for instances as for members of a pool', async () => {
  const { modulesOf } = await underTest()
  await vi.waitFor(
    async () => expect(await modulesOf('beta-prod')).toEqual(['sale', 'web']),
    patience,
  )
  await vi.waitFor(
    async () => expect(await modulesOf('acme-prod')).toEqual(['sale', 'web']),
    patience,
  )
  expect(await modulesOf('nobody-prod')).toEqual([])
})

test('the first file that is asked for after a start is found, as it has to wake nobody', async () => {
  const { source, modulesOf } = await underTest()
  await vi.waitFor(
    async () => expect(await modulesOf('beta-prod')).toEqual(['sale', 'web']),
    patience,
  )
  expect(await modulesOf('acme-prod')).toEqual(['sale', 'web'])
  source.started('acme-prod')
  expect(await modulesOf('acme-prod')).toEqual(['sale', 'web'])
})

test('of tenants that are gone nothing stays, however many there were', async () => {
  const { source, hosts, modulesOf } = await underTest()
  await vi.waitFor(
    async () => expect(await modulesOf('acme-prod')).toEqual(['sale', 'web']),
    patience,
  )
  const names = Array.from({ length: 500 }, (_, index) => `tenant${index}`)
  for (const name of names) hosts.noteEnvironment(environment(name, 'instance'), false)
  for (const name of names) source.foldersOf(`${name}-prod`)
  await vi.waitFor(
    async () => expect(await modulesOf('tenant499-prod')).toEqual(['sale', 'web']),
    patience,
  )
  await vi.waitFor(() => expect(source.size).toBe(501), patience)
  hosts.noteEnvironment(environment('late', 'instance'), false)
  source.foldersOf('late-prod')
  for (const name of [...names, 'late']) {
    hosts.noteEnvironment(environment(name, 'instance'), true)
    source.forget(`${name}-prod`)
  }
  // One that is looked up after it tells that the last one is through.
  source.started('acme-prod')
  await vi.waitFor(
    async () => expect(await modulesOf('acme-prod')).toEqual(['sale', 'web']),
    patience,
  )
  expect(source.size).toBe(1)
})

test('a module that a tenant brings along is left to its own Odoo, from its next start on', async () => {
  const { source, modulesOf, own } = await underTest()
  await vi.waitFor(
    async () => expect(await modulesOf('acme-prod')).toEqual(['sale', 'web']),
    patience,
  )
  await addModule(own, 'sale')
  source.started('acme-prod')
  expect(await modulesOf('acme-prod')).toEqual(['web'])
  expect(await modulesOf('beta-prod')).toEqual(['sale', 'web'])
})

test('a tenant whose folder has more names than anybody has modules is served by its Odoo', async () => {
  const { source, modulesOf, own } = await underTest()
  await vi.waitFor(
    async () => expect(await modulesOf('beta-prod')).toEqual(['sale', 'web']),
    patience,
  )
  await mkdir(own, { recursive: true })
  for (let at = 0; at <= 5_000; at += 1) await writeFile(join(own, `x${at}`), '')
  source.started('acme-prod')
  expect((await source.foldersOf('acme-prod'))?.size).toBe(0)
  await rm(own, { recursive: true })
  source.started('acme-prod')
  await vi.waitFor(
    async () => expect(await modulesOf('acme-prod')).toEqual(['sale', 'web']),
    patience,
  )
})
