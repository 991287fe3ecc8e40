import { expect, test } from 'vitest'
import { exitCodes } from '../exit.ts'
import { createTestCommand } from './pulse-command.suite.ts'
import { waitUntil } from './wait-until.ts'

const kind = { apiVersion: 'planapulse.com/v1alpha1', kind: 'PLANAClient' }

/** The tenant as it stands when the stand-in has made its database and Odoo has come. */
async function lost({ get }: Awaited<ReturnType<typeof creating>>['store']) {
  const client = await get({ ...kind, name: 'acme' })
  if (client === undefined) throw new Error('the tenant is not there')
  const message = 'the stand-in made this database and Odoo cannot open it: delete the tenant'
  const ready = { type: 'Ready', status: 'False', reason: 'MadeByStandIn', message }
  return { ...client, status: { conditions: [ready] } }
}

/** `pulse create acme`, up to where it waits. */
async function creating() {
  const command = createTestCommand()
  const created = command.pulse('create', 'acme', '--owner', 'a@acme.bg')
  const seen = created.catch((error: unknown) => error)
  const { signal } = new AbortController()
  await waitUntil(
    command.store,
    { ...kind, name: 'acme' },
    {
      timeoutMs: 10_000,
      signal,
      holds: (client) => client !== undefined,
    },
  )
  return { ...command, seen }
}

test('a tenant that is deleted meanwhile is not waited for', async () => {
  const { store, seen } = await creating()
  await store.delete({ ...kind, name: 'acme' })
  expect(await seen).toMatchObject({ message: 'tenant acme was deleted meanwhile' })
})

test('a tenant that can never be ready is not waited for, and the reason is told', async () => {
  const { store, seen } = await creating()
  await store.update(await lost(store), { fieldManager: 'test', subresource: 'status' })
  expect(await seen).toMatchObject({
    message: expect.stringMatching(/^tenant acme cannot be used: the stand-in made this database/),
    exitCode: 1,
  })
})

test('nor does `pulse wait` wait for it', async () => {
  const { pulse, store, interrupt } = await creating()
  await store.update(await lost(store), { fieldManager: 'test', subresource: 'status' })
  await expect(pulse('wait', 'planaclient', 'acme')).rejects.toMatchObject({
    message: expect.stringContaining('the stand-in made this database'),
    exitCode: 1,
  })
  interrupt()
})

test('after Ctrl-C people know that the tenant stays, and where its password is', async () => {
  const { interrupt, seen } = await creating()
  interrupt()
  expect(await seen).toMatchObject({
    message: expect.stringMatching(/tenant acme stays .* pulse open acme --login$/),
    exitCode: exitCodes.interrupted,
  })
})

test('what could not be done as it was asked is told, and the tenant is ready', async () => {
  const { store, seen, written } = await creating()
  const { apiVersion } = kind
  const place = { namespace: 'instance-acme', name: 'login' }
  await store.create(
    {
      apiVersion,
      kind: 'TenantEnvironment',
      metadata: { name: 'acme-prod' },
      spec: { client: 'acme', name: 'prod', odooVersion: '18', hosting: 'instance' },
    },
    { fieldManager: 'test' },
  )
  const environment = await store.get({ apiVersion, kind: 'TenantEnvironment', name: 'acme-prod' })
  const client = await store.get({ ...kind, name: 'acme' })
  if (environment === undefined || client === undefined) throw new Error('they are not there')
  for (const object of [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: place.namespace } },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: place,
      data: { login: 'YQ==', password: 'Yg==' },
    },
  ]) {
    await store.create(object, { fieldManager: 'test' })
  }
  const status = { fieldManager: 'test', subresource: 'status' } as const
  await store.update({ ...environment, status: { credentials: place } }, status)
  const message = 'language bg_BG is not in its template, which has en_US'
  const conditions = [
    { type: 'Ready', status: 'True', reason: 'Available' },
    { type: 'SettingsApplied', status: 'False', reason: 'NotInTemplate', message },
  ]
  const url = 'http://acme.localhost:8080'
  await store.update({ ...client, status: { url, conditions } }, status)
  expect(await seen).toBeUndefined()
  expect(written.err).toContain(`not as asked: ${message}`)
  expect(written.err).toContain('pulse template import 18 --edition basic --dump FILE')
  expect(written.out).toContain(url)
})
