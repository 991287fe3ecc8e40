import { apiVersion, backendSecret, lifeAnnotation, parseDomains, StatusError } from '@pulse/api'
import type { Objects } from '@pulse/engine'
import type { LifeChange } from '@pulse/gateway'
import { expect, test } from 'vitest'
import { openLeaseStore } from '../leases/lease-store.suite.ts'
import { silent } from '../silent-log.suite.ts'
import { createBackendIdentities } from './backend-identities.ts'
import type { GatewayObjects } from './deployment-lives.ts'
import { createRoutingTable } from './routing-table.ts'
import { createWaker } from './waker.ts'

const name = 'acme-prod'
const namespace = 'instance-acme'
const writer = { fieldManager: 'test' }

/** One instance with a process, and the store of its resources. */
async function world() {
  const objects: GatewayObjects = await openLeaseStore(namespace)
  const table = createRoutingTable(parseDomains({ tenant: 'localhost', dev: 'localhost' }))
  const environment = {
    apiVersion,
    kind: 'TenantEnvironment',
    metadata: { name },
    spec: { client: 'acme', name: 'prod', odooVersion: '18', hosting: 'instance' },
    status: { conditions: [{ type: 'DatabaseReady', status: 'True', reason: 'Claimed' }] },
  }
  const containers = [{ name: 'odoo', image: 'base-18' }]
  const labels = { app: 'odoo' }
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'odoo-acme', namespace },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers } },
    },
  }
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: 'odoo-acme-1',
      namespace,
      labels: { 'kubernetes.io/service-name': 'odoo-acme' },
    },
    endpoints: [
      { addresses: ['127.80.1.1'], conditions: { ready: true }, targetRef: { uid: 'u1' } },
      { addresses: ['127.80.1.2'], conditions: { ready: false }, targetRef: { uid: 'u2' } },
    ],
    ports: [{ name: 'http', port: 8069 }],
  }
  for (const object of [environment, await objects.create(deployment, writer), slice]) {
    table.note(object, false)
  }
  return { objects, table }
}

async function wakerOver(
  given: GatewayObjects,
  { objects, table }: Awaited<ReturnType<typeof world>>,
) {
  const told: string[] = []
  const identities = createBackendIdentities({
    readSecret: (place, secret) =>
      objects.get({ apiVersion: 'v1', kind: 'Secret', namespace: place, name: secret }),
    onKnown: (place) => void told.push(place),
    clock: {
      now: () => 0,
      after(_milliseconds, run) {
        const due = setImmediate(run)
        return () => clearImmediate(due)
      },
    },
    log: silent,
  })
  const members = () => ['g1']
  const options = { objects: given, table, identities, members, concurrency: 4, log: silent }
  return { waker: createWaker(options), told }
}

test('a backend whose key is not there yet is none, and is looked at again', async () => {
  const acme = await world()
  const { waker, told } = await wakerOver(acme.objects, acme)
  const metadata = { name: backendSecret.name, namespace }
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata }
  await acme.objects.create(secret, writer)
  expect(waker.see(name)).toMatchObject({ ready: [], starting: [] })
  // The Secret is there, but empty: it is read and told of, again and again.
  await expect.poll(() => told.length).toBeGreaterThan(0)
  expect(waker.see(name)).toMatchObject({ ready: [], starting: [] })

  const data = { [backendSecret.key]: Buffer.from('ab'.repeat(32)).toString('base64') }
  await acme.objects.update({ ...secret, data }, writer)
  await expect
    .poll(() => waker.see(name))
    .toMatchObject({
      ready: [{ address: '127.80.1.1', identity: expect.stringContaining('acme-prod.u1.') }],
      starting: [{ address: '127.80.1.2', identity: expect.stringContaining('acme-prod.u2.') }],
    })
})

test('as many requests are let in at a time as its workers carry out: processes, or threads of one', async () => {
  const acme = await world()
  const { waker } = await wakerOver(acme.objects, acme)
  const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name: 'odoo-acme' }
  const withArgs = async (args: readonly string[]) => {
    const containers = [{ name: 'odoo', image: 'base-18', args }]
    const patch = { spec: { template: { spec: { containers } } } }
    acme.table.note(await acme.objects.patch(ref, { type: 'merge', patch }, writer), false)
    return waker.see(name)?.concurrency
  }
  expect(waker.see(name)?.concurrency).toBe(4)
  expect(await withArgs(['--http-port=8069', '--workers=9'])).toBe(9)
  expect(await withArgs(['--workers=2'])).toBe(2)
  expect(await withArgs(['--workers=0'])).toBe(4)
})

const wake: LifeChange = {
  expected: { generation: 0, state: 'down', words: [], since: 0 },
  next: { generation: 1, state: 'up', words: [], since: 0 },
}

test.each(['look', 'write'] as const)(
  '%s ends with its signal, also while the store keeps it waiting',
  async (ask) => {
    const acme = await world()
    const asked: string[] = []
    const waiting = (what: string) => () => {
      asked.push(what)
      return new Promise<never>(() => {})
    }
    const store = {
      ...acme.objects,
      get: waiting('get'),
      list: waiting('list'),
      patch: waiting('patch'),
      cached: { ...acme.objects, patch: waiting('patch') },
    }
    const { waker } = await wakerOver(store, acme)
    const end = new AbortController()
    const known = acme.table.known(name)?.workers?.record
    const change = { ...wake, expected: known ?? wake.expected }
    const answer =
      ask === 'look' ? waker.look(name, end.signal) : waker.write(name, change, end.signal)
    const outcome = answer.catch((error: unknown) => error)
    await expect.poll(() => asked).toHaveLength(1)
    end.abort(new Error('it is too late'))
    expect(await outcome).toEqual(new Error('it is too late'))
  },
)

test('it is written with what this process has heard of, and if that is behind by the store itself', async () => {
  const acme = await world()
  const conflict = new StatusError('Conflict', 'another version is known here')
  let isBehind = false
  let quick = 0
  const cached: Objects = {
    ...acme.objects,
    async patch(...args) {
      quick += 1
      if (isBehind) throw conflict
      return await acme.objects.patch(...args)
    },
  }
  const { waker } = await wakerOver({ ...acme.objects, cached }, acme)
  const known = acme.table.known(name)?.workers?.record ?? wake.expected
  const down = { ...known, state: 'down' } as const
  const { signal } = new AbortController()
  const asleep = await waker.write(name, { expected: known, next: down }, signal)
  expect([asleep.record, quick]).toEqual([down, 1])

  isBehind = true
  const up = { ...down, generation: 2, state: 'up' } as const
  const awake = await waker.write(name, { expected: down, next: up }, signal)
  expect([awake.record, quick]).toEqual([up, 2])
})

test('what has ended with its signal writes nothing afterwards', async () => {
  const acme = await world()
  const { promise: gate, resolve: open } = Promise.withResolvers<void>()
  const { promise: read, resolve: hasRead } = Promise.withResolvers<void>()
  let writes = 0
  const store: Objects = {
    ...acme.objects,
    async get(ref) {
      await gate
      const object = await acme.objects.get(ref)
      setImmediate(hasRead)
      return object
    },
    patch(...args) {
      writes += 1
      return acme.objects.patch(...args)
    },
  }
  const { waker } = await wakerOver(store, acme)
  // What is known is old, so that it has to be read first.
  const expected = { ...wake.expected, state: 'up', generation: 7 } as const
  const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name: 'odoo-acme' }
  const patch = { metadata: { annotations: { [lifeAnnotation]: JSON.stringify(expected) } } }
  await acme.objects.patch(ref, { type: 'merge', patch }, writer)
  const end = new AbortController()
  const outcome = waker.write(name, { ...wake, expected }, end.signal).catch(() => 'ended')
  end.abort()
  open()
  expect(await outcome).toBe('ended')
  await read
  expect(writes).toBe(0)
  await expect(waker.look(name, end.signal)).rejects.toThrow('aborted')
})
