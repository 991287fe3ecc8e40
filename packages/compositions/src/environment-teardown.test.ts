import type { KubeObject, TenantEnvironment } from '@pulse/api'
import { expect, test } from 'vitest'
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

test('each attempt and each environment of a name has a Job of its own', () => {
  const reborn = { ...environment, metadata: { ...environment.metadata, uid: 'another' } }
  const jobs = [dropArgs(environment), dropArgs(environment, 1), dropArgs(reborn)]
  const names = jobs.map((job) => /"name":"(drop-acme-[^"]+)"/.exec(job)?.[1])
  expect(new Set(names).size).toBe(3)
})
