import type { KubeObject } from '@pulse/api'
import fc from 'fast-check'
import { beforeEach, expect, test } from 'vitest'
import { createRoutingTable, type RoutingTable } from './routing-table.ts'

const domains = { tenant: 'localhost', dev: 'dev.localhost' }

let table: RoutingTable
beforeEach(() => {
  table = createRoutingTable(domains)
})

function environment(name: string, options: Record<string, unknown> = {}): KubeObject {
  const [client = '', env = ''] = name.split('-')
  return {
    apiVersion: 'planapulse.com/v1alpha1',
    kind: 'TenantEnvironment',
    metadata: { name },
    spec: { client, name: env, odooVersion: '18', hosting: 'instance' },
    status: { conditions: [{ type: 'DatabaseReady', status: 'True', reason: 'Claimed' }] },
    ...options,
  }
}

function client(name: string, spec: Record<string, unknown> = {}): KubeObject {
  return {
    apiVersion: 'planapulse.com/v1alpha1',
    kind: 'PLANAClient',
    metadata: { name },
    spec: { ownerName: 'Acme Corp', ...spec },
  }
}

function slice(
  namespace: string,
  service: string,
  endpoints: unknown[],
  ports?: unknown[],
): KubeObject {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${service}-1`,
      namespace,
      labels: { 'kubernetes.io/service-name': service },
    },
    endpoints,
    ports: ports ?? [
      { name: 'http', port: 8069 },
      { name: 'longpolling', port: 8072 },
    ],
  }
}

const ready = (address: string) => ({ addresses: [address], conditions: { ready: true } })

test('a host leads to its environment and to that one’s ready pods, and to no other', () => {
  table.note(client('acme'), false)
  table.note(environment('acme-prod'), false)
  table.note(environment('beta-prod'), false)
  table.note(slice('instance-acme', 'odoo-acme', [ready('127.80.1.1')]), false)
  table.note(slice('instance-beta', 'odoo-beta', [ready('127.80.1.2')]), false)
  expect(table.find('acme.localhost')).toEqual({
    environment: 'acme-prod',
    hostname: 'acme.localhost',
    displayName: 'Acme Corp',
    state: { phase: 'serving' },
  })
  expect(table.known('acme-prod')?.backends).toEqual({
    ready: [{ address: '127.80.1.1', httpPort: 8069, websocketPort: 8072 }],
    starting: [],
    leaving: 0,
  })
  expect(table.find('gamma.localhost')).toBeUndefined()
})

test('environments but prod live under the development domain', () => {
  table.note(environment('acme-test'), false)
  expect(table.find('acme-test.dev.localhost')?.environment).toBe('acme-test')
})

test('a pod that is not ready or ending is told apart from one that is', () => {
  table.note(environment('acme-prod'), false)
  table.note(
    slice('instance-acme', 'odoo-acme', [
      { addresses: ['127.80.1.1'], conditions: { ready: false } },
      { addresses: ['127.80.1.2'], conditions: { ready: true, terminating: true } },
    ]),
    false,
  )
  expect(table.known('acme-prod')?.backends).toMatchObject({
    ready: [],
    starting: [{ address: '127.80.1.1' }],
    leaving: 1,
  })
})

test('what goes is forgotten: slices, aliases, hosts', () => {
  table.note(client('acme', { aliases: ['erp.acme.bg'] }), false)
  table.note(environment('acme-prod'), false)
  table.note(slice('instance-acme', 'odoo-acme', [ready('127.80.1.1')]), false)
  expect(table.find('erp.acme.bg')?.hostname).toBe('acme.localhost')

  table.note(client('acme', { aliases: [] }), false)
  expect(table.find('erp.acme.bg')).toBeUndefined()
  table.note(slice('instance-acme', 'odoo-acme', []), true)
  expect(table.known('acme-prod')?.backends.ready).toEqual([])
  table.note(environment('acme-prod'), true)
  expect(table.find('acme.localhost')).toBeUndefined()
})

test('an environment on its way out is no address any more', () => {
  table.note(environment('acme-prod'), false)
  const metadata = { name: 'acme-prod', deletionTimestamp: '2026-01-01T00:00:00Z' }
  table.note(environment('acme-prod', { metadata }), false)
  expect(table.find('acme.localhost')).toBeUndefined()
})

test('an environment is told from one that had its name, and has none once it is on its way out', () => {
  const named = (uid: string, rest = {}) => ({ metadata: { name: 'acme-prod', uid, ...rest } })
  expect(table.uidOf('acme-prod')).toBeUndefined()
  table.note(environment('acme-prod', named('1')), false)
  expect(table.uidOf('acme-prod')).toBe('1')
  table.note(environment('acme-prod', named('2')), false)
  expect(table.uidOf('acme-prod')).toBe('2')
  const leaving = named('2', { deletionTimestamp: '2026-01-01T00:00:00Z' })
  table.note(environment('acme-prod', leaving), false)
  expect(table.uidOf('acme-prod')).toBeUndefined()
})

test('an environment is being made until its database stands', () => {
  table.note(environment('acme-prod', { status: undefined }), false)
  expect(table.find('acme.localhost')?.state.phase).toBe('creating')
})

test.each([
  ['2026-01-01T00:00:00Z', 'Starting', { phase: 'serving', isNew: true }],
  ['2026-01-01T00:00:00Z', 'Error', { phase: 'serving' }],
  ['2026-01-01T00:00:00Z', 'CrashLoopBackOff', { phase: 'serving' }],
  ['2026-01-02T00:00:00Z', 'Starting', { phase: 'serving' }],
])('only workers that have never been ready are new: since %s, %s', (since, reason, state) => {
  const database = { type: 'DatabaseReady', status: 'True', reason: 'Claimed' }
  const workers = { type: 'WorkersReady', status: 'False', reason, lastTransitionTime: since }
  const conditions = [{ ...database, lastTransitionTime: '2026-01-01T00:00:05Z' }, workers]
  table.note(environment('acme-prod', { status: { conditions } }), false)
  expect(table.find('acme.localhost')?.state).toEqual(state)
})

const broken = 'the library is broken'

test.each([
  ['CrashLoopBackOff', broken],
  ['ErrImagePull', broken],
  // Started again at once: however long that start takes, who waits goes on waiting.
  ['Error', undefined],
  ['OOMKilled', undefined],
  ['Starting', undefined],
])('workers do not come up once they end again and again: %s', (reason, trouble) => {
  const database = { type: 'DatabaseReady', status: 'True', reason: 'Claimed' }
  const workers = { type: 'WorkersReady', status: 'False', reason, message: broken }
  table.note(environment('acme-prod', { status: { conditions: [database, workers] } }), false)
  expect(table.known('acme-prod')?.environment.trouble).toBe(trouble)
})

test('why a claim is tried again or has failed is no business of visitors', () => {
  for (const [reason, phase] of [
    ['ClaimRetries', 'creating'],
    ['ClaimFailed', 'failed'],
    ['RuntimeMissing', 'failed'],
  ]) {
    const message = 'connection to server at "10.1.2.3" failed: password authentication failed'
    const conditions = [{ type: 'DatabaseReady', status: 'False', reason, message }]
    table.note(environment('acme-prod', { status: { conditions } }), false)
    expect(table.find('acme.localhost')?.state).toEqual({ phase })
  }
})

test('what the stand-in has made is not given to a real Odoo, which could only fail', () => {
  const conditions = [
    { type: 'DatabaseReady', status: 'True', reason: 'Claimed' },
    { type: 'WorkersReady', status: 'False', reason: 'MadeByStandIn' },
  ]
  table.note(environment('acme-prod', { status: { conditions } }), false)
  expect(table.find('acme.localhost')?.state).toEqual({ phase: 'failed' })
})

test('an environment is ready as long as it has a backend', () => {
  const isServed = () => (table.known('acme-prod')?.backends.ready ?? []).length > 0
  expect(isServed()).toBe(false)
  table.note(environment('acme-prod'), false)
  expect(isServed()).toBe(false)
  table.note(slice('instance-acme', 'odoo-acme', [ready('127.80.1.1')]), false)
  expect(isServed()).toBe(true)
  table.note(slice('instance-acme', 'odoo-acme', [ready('127.80.1.1')]), true)
  expect(isServed()).toBe(false)
})

test('the slices of a service count together, each for itself', () => {
  const named = (name: string, address: string) => {
    const one = slice('instance-acme', 'odoo-acme', [ready(address)])
    return { ...one, metadata: { ...one.metadata, name } }
  }
  table.note(environment('acme-prod'), false)
  table.note(named('one', '127.80.1.1'), false)
  table.note(named('two', '127.80.1.2'), false)
  table.note(named('one', '127.80.1.3'), false)
  const addresses = () => table.known('acme-prod')?.backends.ready.map(({ address }) => address)
  expect(addresses()?.toSorted()).toEqual(['127.80.1.2', '127.80.1.3'])
  table.note(named('two', '127.80.1.2'), true)
  expect(addresses()).toEqual(['127.80.1.3'])
})

test('a backend that is a fork is told from one that was started plainly', () => {
  const named = (uid: string, address: string) => ({ ...ready(address), targetRef: { uid } })
  const backends = [named('u1', '127.80.1.1'), named('u2', '127.80.1.2')]
  const one = slice('instance-acme', 'odoo-acme', backends)
  const annotations = { 'planapulse.com/forked-pods': 'u0,u2' }
  table.note(environment('acme-prod'), false)
  table.note({ ...one, metadata: { ...one.metadata, annotations } }, false)
  const started = table.known('acme-prod')?.backends.ready
  expect(started?.map(({ process, startedAs }) => [process, startedAs])).toEqual([
    ['u1', undefined],
    ['u2', 'forked'],
  ])
})

test('a suspended client is not served, whatever its environment says', () => {
  table.note(environment('acme-prod'), false)
  table.note(client('acme', { status: 'suspended' }), false)
  expect(table.find('acme.localhost')?.state).toEqual({ phase: 'suspended' })
})

test('who has asked before sees every change, as if asking for the first time', () => {
  const hosts = ['acme.localhost', 'beta.localhost', 'acme-test.dev.localhost', 'erp.acme.bg']
  const names = ['acme-prod', 'acme-test', 'beta-prod']
  const status = fc.constantFrom(undefined, {
    conditions: [{ type: 'DatabaseReady', status: 'True', reason: 'Claimed' }],
  })
  const object = fc.oneof(
    fc.record({ name: fc.constantFrom(...names), status }).map((one) => environment(one.name, one)),
    fc
      .record({
        name: fc.constantFrom('acme', 'beta'),
        ownerName: fc.constantFrom('Acme', 'Beta'),
        aliases: fc.subarray(['erp.acme.bg']),
        status: fc.constantFrom(undefined, 'suspended'),
      })
      .map(({ name, ...spec }) => client(name, spec)),
  )
  const change = fc.record({ object, gone: fc.boolean() })
  const seen = (one: RoutingTable) => [hosts.map(one.find), names.map(one.known)]
  fc.assert(
    fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
      const [asked, fresh] = [createRoutingTable(domains), createRoutingTable(domains)]
      for (const { object, gone } of changes) {
        asked.note(object, gone)
        seen(asked)
        fresh.note(object, gone)
      }
      expect(seen(asked)).toEqual(seen(fresh))
    }),
  )
})

test('without a port of its own the websocket is where HTTP is', () => {
  table.note(environment('acme-prod'), false)
  const http = [{ name: 'http', port: 8069 }]
  table.note(slice('instance-acme', 'odoo-acme', [ready('127.80.1.1')], http), false)
  expect(table.known('acme-prod')?.backends.ready[0]?.websocketPort).toBe(8069)
})

test('what does not look as expected is no route, and no error', () => {
  for (const odd of [{}, { spec: 1 }, { spec: { client: 'a', name: 'b', odooVersion: '12' } }]) {
    table.note(
      { apiVersion: 'x', kind: 'TenantEnvironment', metadata: { name: 'odd' }, ...odd },
      false,
    )
    table.note({ apiVersion: 'x', kind: 'EndpointSlice', metadata: { name: 'odd' }, ...odd }, false)
    table.note({ apiVersion: 'x', kind: 'PLANAClient', metadata: { name: 'odd' }, ...odd }, false)
  }
  expect(table.find('odd.localhost')).toBeUndefined()
})

test('an order on the tenant counts for its prod, and an older one on the environment does not hide it', () => {
  const annotated = (times: Readonly<Record<string, string>>) => ({
    annotations: Object.fromEntries(
      Object.entries(times).map(([name, time]) => [`planapulse.com/${name}`, time]),
    ),
  })
  const [earlier, later] = ['2026-06-01T10:00:00Z', '2026-06-01T11:00:00Z']
  const orders = { 'sleep-at': earlier, 'wake-at': later, 'keep-awake-until': earlier }
  const onClient = { 'sleep-at': later, 'wake-at': earlier }
  table.note(
    environment('acme-prod', { metadata: { name: 'acme-prod', ...annotated(orders) } }),
    false,
  )
  table.note({ ...client('acme'), metadata: { name: 'acme', ...annotated(onClient) } }, false)
  expect(table.known('acme-prod')?.environment.ask).toEqual({
    sleepAt: Date.parse(later),
    wakeAt: Date.parse(later),
    awakeUntil: Date.parse(earlier),
  })
})

test('an order on the tenant is none for its other environments', () => {
  const annotations = { 'planapulse.com/sleep-at': '2026-06-01T10:00:00Z' }
  table.note(environment('acme-test'), false)
  table.note({ ...client('acme'), metadata: { name: 'acme', annotations } }, false)
  expect(table.known('acme-test')?.environment.ask).toBeUndefined()
})
