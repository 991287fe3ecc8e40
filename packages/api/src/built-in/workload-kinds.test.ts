import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../object.ts'
import { createKinds } from '../registry.ts'

const { findKind } = await createKinds()
const metadata = { name: 'odoo', namespace: 'instance-acme' }
const container = { name: 'odoo', image: 'base-18' }

function workload(apiVersion: string, kind: string, spec: object): KubeObject {
  return findKind(apiVersion, kind).setDefaults({ apiVersion, kind, metadata, spec })
}

function deployment(spec: object = {}, pod: object = {}): KubeObject {
  return workload('apps/v1', 'Deployment', {
    selector: { matchLabels: { app: 'odoo' } },
    template: {
      metadata: { labels: { app: 'odoo' } },
      spec: { containers: [container], ...pod },
    },
    ...spec,
  })
}

function job(spec: object = {}, pod: object = { restartPolicy: 'Never' }): KubeObject {
  const template = { spec: { containers: [container], ...pod } }
  return workload('batch/v1', 'Job', { template, ...spec })
}

const fieldsOf = (object: KubeObject, old?: KubeObject) =>
  findKind(object.apiVersion, object.kind)
    .validate(object, old)
    .map(({ field }) => field)

test('no rollback takes the record of an instance’s life away', () => {
  const life = (annotations?: Record<string, string>): KubeObject => {
    const { metadata, ...rest } = deployment()
    return { ...rest, metadata: { ...metadata, ...(annotations && { annotations }) } }
  }
  const alive = life({ 'planapulse.com/life': '{"generation":2}' })
  expect(fieldsOf(life(), alive)).toEqual(['metadata.annotations[planapulse.com/life]'])
  expect(fieldsOf(life({ 'planapulse.com/life': '{"generation":3}' }), alive)).toEqual([])
  expect(fieldsOf(life(), life())).toEqual([])
})

describe('defaults', () => {
  test('of a Deployment', () => {
    expect(deployment().spec).toMatchObject({
      replicas: 1,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      strategy: {
        type: 'RollingUpdate',
        rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' },
      },
      template: {
        spec: {
          restartPolicy: 'Always',
          terminationGracePeriodSeconds: 30,
          containers: [{ imagePullPolicy: 'Always', resources: {} }],
        },
      },
    })
    expect(deployment({ replicas: 0 }).spec).toMatchObject({ replicas: 0 })
    expect(deployment({ strategy: { type: 'Recreate' } }).spec).toHaveProperty('strategy', {
      type: 'Recreate',
    })
  })

  test('of a Job', () => {
    expect(job().spec).toMatchObject({ parallelism: 1, completions: 1, backoffLimit: 6 })
    expect(job({ parallelism: 3 }).spec).not.toHaveProperty('completions')
  })

  test('of probes, ports, limits, volumes and the downward API', () => {
    const readinessProbe = { httpGet: { port: 8069 }, periodSeconds: 2 }
    const env = [{ name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }]
    const full = {
      ...container,
      image: 'registry:5000/base:18',
      ports: [{ containerPort: 8069 }],
      readinessProbe,
      env,
      resources: { limits: { memory: '1Gi', cpu: '2' }, requests: { cpu: '1' } },
    }
    const { spec } = deployment({}, { containers: [full], volumes: [{ name: 's', secret: {} }] })
    expect(spec).toMatchObject({
      template: {
        spec: {
          volumes: [{ secret: { defaultMode: 0o644 } }],
          containers: [
            {
              imagePullPolicy: 'IfNotPresent',
              ports: [{ protocol: 'TCP' }],
              readinessProbe: {
                periodSeconds: 2,
                timeoutSeconds: 1,
                successThreshold: 1,
                failureThreshold: 3,
                httpGet: { path: '/', scheme: 'HTTP', port: 8069 },
              },
              env: [{ valueFrom: { fieldRef: { apiVersion: 'v1' } } }],
              resources: { requests: { memory: '1Gi', cpu: '1' } },
            },
          ],
        },
      },
    })
  })

  test('of Namespace, Service and Secret', () => {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' } }
    expect(findKind('v1', 'Namespace').setDefaults(namespace)).toMatchObject({
      metadata: { labels: { 'kubernetes.io/metadata.name': 'a' } },
      status: { phase: 'Active' },
    })
    expect(workload('v1', 'Service', { ports: [{ port: 80 }] }).spec).toEqual({
      type: 'ClusterIP',
      clusterIP: 'None',
      sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster',
      ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
    })
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { a: 'ж' } }
    const stored = findKind('v1', 'Secret').setDefaults({ ...secret, data: { b: 'Yg==' } })
    expect(stored).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata,
      type: 'Opaque',
      data: { a: '0LY=', b: 'Yg==' },
    })
  })
})

describe('rules', () => {
  test('legal objects have no cause', () => {
    expect(fieldsOf(deployment())).toEqual([])
    expect(fieldsOf(job())).toEqual([])
    expect(fieldsOf(deployment({ replicas: 3 }), deployment())).toEqual([])
  })

  test('every mistake is told at once, with its field', () => {
    const broken = deployment({ replicas: 'two' }, { containers: [{ image: 7 }, container] })
    expect(fieldsOf(broken).toSorted()).toEqual([
      'spec.replicas',
      'spec.template.spec.containers[0].image',
      'spec.template.spec.containers[0].name',
    ])
  })

  test('a selector that misses its own pods, or none at all, is refused', () => {
    const missing = deployment({ selector: { matchLabels: { app: 'other' } } })
    expect(fieldsOf(missing)).toEqual(['spec.template.metadata.labels'])
    expect(fieldsOf(deployment({ selector: {} }))).toEqual(['spec.selector'])
  })

  test('selectors and Job templates never change', () => {
    const selector = { matchLabels: { tier: 'x' } }
    const template = { metadata: { labels: { tier: 'x' } }, spec: { containers: [container] } }
    expect(fieldsOf(deployment({ selector, template }), deployment())).toEqual(['spec.selector'])
    const onExitCodes = { operator: 'In', values: [65] }
    const changed = job({}, { restartPolicy: 'Never', hostname: 'x' })
    expect(fieldsOf(changed, job())).toEqual(['spec.template'])
    const podFailurePolicy = { rules: [{ action: 'FailJob', onExitCodes }] }
    expect(fieldsOf(job({ podFailurePolicy }), job())).toEqual(['spec.podFailurePolicy'])
    expect(fieldsOf(job({ suspend: true }), job())).toEqual([])
  })

  test('a Job cannot restart its pods for ever', () => {
    expect(fieldsOf(job({}, {}))).toEqual(['spec.template.spec.restartPolicy'])
  })
})

test('merge keys of lists below pods stand where each kind has its pods', () => {
  const env = { type: 'map', keys: ['name'], patchKey: 'name' }
  const ports = { type: 'map', keys: ['containerPort', 'protocol'], patchKey: 'containerPort' }
  expect(findKind('v1', 'Pod').lists).toMatchObject({ 'spec.containers.env': env })
  expect(findKind('apps/v1', 'Deployment').lists).toMatchObject({
    'spec.template.spec.containers.ports': ports,
    'metadata.finalizers': { type: 'set' },
  })
  expect(findKind('batch/v1', 'CronJob').lists).toMatchObject({
    'spec.jobTemplate.spec.template.spec.initContainers.env': env,
  })
})
