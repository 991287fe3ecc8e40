import { apiVersion, backendSecret, type KubeObject, parseDomains } from '@pulse/api'
import { createEventRecorder, type Objects, systemClock } from '@pulse/engine'
import { createMetrics } from '@pulse/service'
import { expect, onTestFinished, test } from 'vitest'
import { openLeaseStore } from '../leases/lease-store.suite.ts'
import { silent } from '../silent-log.suite.ts'
import { openGateway } from './gateway.ts'
import { metricDefinitions } from './metrics.ts'
import { gatewayNamespace } from './parameters.ts'

const namespace = 'instance-acme'
const writer = { fieldManager: 'test' }
// A whole gateway opens here, and learns of each step by its watches.
const testMs = 30_000
const patience = { timeout: 8_000 }

const client = {
  ...{ apiVersion, kind: 'PLANAClient' },
  metadata: { name: 'acme' },
  spec: {
    ...{ subdomain: 'acme', projectId: 1, tier: 'pro', hosting: 'instance' },
    ...{ ownerEmail: 'owner@example.com', ownerName: 'Acme' },
  },
}

/** An instance whose backends are known by this key. */
function objectsOf(key: string): readonly KubeObject[] {
  const labels = { app: 'odoo' }
  const containers = [{ name: 'odoo', image: 'base-18' }]
  const template = { metadata: { labels }, spec: { containers } }
  return [
    {
      ...{ apiVersion: 'v1', kind: 'Secret' },
      metadata: { name: backendSecret.name, namespace },
      data: { [backendSecret.key]: Buffer.from(key).toString('base64') },
    },
    {
      ...{ apiVersion, kind: 'TenantEnvironment' },
      metadata: { name: 'acme-prod' },
      spec: { client: 'acme', name: 'prod', odooVersion: '18', hosting: 'instance' },
    },
    {
      ...{ apiVersion: 'apps/v1', kind: 'Deployment' },
      metadata: { name: 'odoo-acme', namespace },
      spec: { selector: { matchLabels: labels }, template },
    },
    {
      ...{ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' },
      metadata: {
        name: 'odoo-acme',
        namespace,
        labels: { 'kubernetes.io/service-name': 'odoo-acme' },
      },
      addressType: 'IPv4',
      endpoints: [
        { addresses: ['127.80.1.1'], conditions: { ready: true }, targetRef: { uid: 'u1' } },
      ],
      ports: [{ name: 'http', port: 8069 }],
    },
  ]
}

async function create(objects: Objects, key: string) {
  for (const object of objectsOf(key)) await objects.create(object, writer)
}

async function remove(objects: Objects) {
  for (const { apiVersion, kind, metadata } of objectsOf('')) {
    const ref = { apiVersion, kind, name: metadata.name }
    const place = metadata.namespace === undefined ? ref : { ...ref, namespace }
    await objects.delete(place)
    // Nobody here takes it down, step by step.
    const patch = { type: 'merge', patch: { metadata: { finalizers: null } } } as const
    if (await objects.get(place)) await objects.patch(place, patch, writer)
  }
}

test(
  'of an environment that is gone nothing is known to the next one of its name',
  async () => {
    const objects = await openLeaseStore(gatewayNamespace)
    const stop = new AbortController()
    const log = silent
    const clock = systemClock
    await objects.create(
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
      writer,
    )
    await objects.create(client, writer)
    const gateway = await openGateway({
      ...{ objects, clock, log, limits: {}, life: {}, concurrency: 4, leaseSeconds: 3 },
      events: createEventRecorder({ objects, log, clock, component: 'pulse-gateway' }),
      domains: parseDomains({ tenant: 'localhost', dev: 'localhost' }),
      metrics: await createMetrics(metricDefinitions),
      signal: stop.signal,
    })
    onTestFinished(async () => {
      stop.abort()
      await gateway.close()
    })
    const identity = () => gateway.lives.ready('acme-prod')?.identity

    await create(objects, 'ab'.repeat(32))
    await expect.poll(identity, patience).toMatch(/^acme-prod\.u1\./)
    const before = identity()
    await expect.poll(() => gateway.figures.of('acme-prod')?.state, patience).toBe('awake')
    await remove(objects)
    await expect.poll(() => gateway.isKnown('acme.localhost'), patience).toBe(false)
    expect(gateway.figures.of('acme-prod')).toBeUndefined()
    await create(objects, 'cd'.repeat(32))
    const isAnother = () => identity()?.startsWith('acme-prod.u1.') && identity() !== before
    await expect.poll(isAnother, patience).toBe(true)
  },
  testMs,
)
