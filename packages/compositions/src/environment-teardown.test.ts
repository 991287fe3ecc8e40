import type { KubeObject, TenantEnvironment } from '@pulse/api'
import { expect, test } from 'vitest'
import { composeEnvironment } from './environment.ts'
import { environmentTeardown } from './environment-teardown.ts'
import { machine } from './scenario.suite.ts'

const uid = '22222222-2222-4222-8222-222222222222'

const environment: TenantEnvironment = {
  apiVersion: 'planapulse.com/v1alpha1',
  kind: 'TenantEnvironment',
  metadata: { name: 'acme-prod', uid, annotations: { 'planapulse.com/retain-days': '30' } },
  spec: {
    client: 'acme',
    name: 'prod',
    odooVersion: '18',
    hosting: 'instance',
    resources: 'pro',
    source: { template: { edition: 'pro' } },
    neutralise: false,
  },
}

const named = (kind: string, name: string, finalizers: string[] = []): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, namespace: 'instance-acme', finalizers },
})

const observed = {
  route: named('HTTPRoute', 'odoo'),
  worker: named('Deployment', 'odoo-acme'),
  filestore: named('PersistentVolumeClaim', 'odoo-filestore', ['planapulse.com/protect']),
  credentials: named('Secret', 'acme-credentials', ['planapulse.com/protect']),
  config: named('ConfigMap', 'odoo-config'),
}

const stepsOf = (of: TenantEnvironment) => environmentTeardown(of, observed, machine)

function dropArgs(of: TenantEnvironment, attempt = 0): string {
  const drop = stepsOf(of).find((step) => step.type === 'task')
  return JSON.stringify(drop?.job(attempt))
}

test('the workers are gone before the database, and only then is anything let go', () => {
  const names = stepsOf(environment).map(({ name }) => name)
  expect(names).toEqual(['routes', 'workers', 'claim', 'drop', 'release', 'objects'])
})

test('nobody waits for a long request of a tenant that goes', () => {
  const workers = stepsOf(environment).find(({ name }) => name === 'workers')
  expect(workers).toMatchObject({
    hastens: {
      namespace: 'instance-acme',
      labels: { app: 'odoo', 'platxa.io/instance-id': 'acme' },
      graceSeconds: 60,
    },
  })
})

test('an own namespace takes along what is in it', () => {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'instance-acme' } }
  const steps = environmentTeardown(environment, { ...observed, namespace }, machine)
  expect(steps.at(-1)).toMatchObject({ objects: [{ kind: 'Namespace', name: 'instance-acme' }] })
})

test('exactly what is protected is released', () => {
  const release = stepsOf(environment).find((step) => step.type === 'release')
  expect(release?.objects.map(({ name }) => name)).toEqual(['odoo-filestore', 'acme-credentials'])
})

test('the data is kept for as long as the client said, else for a week', () => {
  expect(dropArgs(environment)).toContain('--retain-days=30')
  for (const said of ['', '-1', 'never', '1e9']) {
    const annotations = { 'planapulse.com/retain-days': said }
    const unsaid = { ...environment, metadata: { name: 'acme-prod', uid, annotations } }
    expect(dropArgs(unsaid)).toContain('--retain-days=7')
  }
})

test.each([0, 90])(
  'an environment beside prod is kept as long as its client says: %i days',
  (retainDays) => {
    const spec = { ...environment.spec, name: 'test', hosting: 'pool' } as const
    const second: TenantEnvironment = { ...environment, metadata: { name: 'acme-test', uid }, spec }
    const { objects } = composeEnvironment({
      resource: second,
      observed: {},
      required: {
        client: [clientThatKeeps(retainDays)],
        pool: [named('Deployment', 'worker-odoo')],
      },
      now: '2026-11-21T15:00:00Z',
      parameters: machine,
    })
    const drop = environmentTeardown(second, objects, machine).find((step) => step.type === 'task')
    expect(JSON.stringify(drop?.job(0))).toContain(`--retain-days=${retainDays}`)
  },
)

test('each attempt and each environment of a name has a Job of its own', () => {
  const reborn = { ...environment, metadata: { ...environment.metadata, uid: 'another' } }
  const jobs = [dropArgs(environment), dropArgs(environment, 1), dropArgs(reborn)]
  const names = jobs.map((job) => /"name":"(drop-acme-[^"]+)"/.exec(job)?.[1])
  expect(new Set(names).size).toBe(3)
})

function clientThatKeeps(retainDays: number): KubeObject {
  const owner = { ownerEmail: 'ceo@acme.test', ownerName: 'Acme', projectId: 1 }
  const settings = { language: 'en_US', timezone: 'UTC', currency: 'EUR' }
  const usual = {
    tier: 'pro',
    status: 'active',
    aliases: [],
    modules: [],
    sleep: { enabled: true },
  }
  return {
    apiVersion: 'planapulse.com/v1alpha1',
    kind: 'PLANAClient',
    metadata: { name: 'acme' },
    spec: { subdomain: 'acme', ...owner, ...usual, settings, deletionPolicy: { retainDays } },
  }
}
