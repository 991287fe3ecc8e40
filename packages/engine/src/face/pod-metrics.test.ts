import { afterEach, expect, test } from 'vitest'
import { createAsk } from './ask.suite.ts'
import { manager, type RunningFace, startFace } from './harness.suite.ts'

let face: RunningFace
const { ask } = createAsk(() => face.url)
afterEach(() => face.close())

const pod = (namespace: string, name: string) => ({
  ...{ namespace, name, uid: name },
  containers: [{ name: 'odoo', cpus: 0.25, memoryBytes: 64 * 2 ** 20 }],
})
const podUse = async () => ({
  ...{ at: Date.parse('2026-01-01T00:00:00Z'), windowMs: 2_000 },
  pods: [pod('default', 'one'), pod('instance-acme', 'two')],
})
const group = '/apis/metrics.k8s.io/v1beta1'

test('kubectl top finds what pods and the machine use, as a metrics server tells it', async () => {
  face = await startFace({ podUse })
  await face.objects.create(
    { apiVersion: 'v1', kind: 'Node', metadata: { name: 'pulse' }, spec: {} },
    manager,
  )
  expect((await ask(group)).json).toMatchObject({
    resources: [{ name: 'nodes' }, { name: 'pods', namespaced: true }],
  })
  expect((await ask(`${group}/namespaces/default/pods`)).json).toMatchObject({
    kind: 'PodMetricsList',
    items: [
      {
        metadata: { name: 'one', namespace: 'default' },
        ...{ timestamp: '2026-01-01T00:00:00Z', window: '2.000s' },
        containers: [{ name: 'odoo', usage: { cpu: '250000000n', memory: '65536Ki' } }],
      },
    ],
  })
  expect((await ask(`${group}/nodes`)).json).toMatchObject({
    items: [{ metadata: { name: 'pulse' }, usage: { cpu: '500000000n', memory: '131072Ki' } }],
  })
  expect((await ask(`${group}/namespaces/instance-acme/pods/two`)).json).toMatchObject({
    kind: 'PodMetrics',
  })
})

test('what is not there is a 404, and nothing is written', async () => {
  face = await startFace({ podUse })
  expect((await ask(`${group}/namespaces/default/pods/none`)).code).toBe(404)
  expect((await ask(`${group}/services`)).code).toBe(404)
  expect((await ask(`${group}/nodes`, { method: 'DELETE' })).code).toBe(405)
})

test('pods are chosen by the labels that they have', async () => {
  face = await startFace({ podUse })
  const containers = [{ name: 'odoo', image: 'base-18' }]
  await face.objects.create(
    {
      ...{ apiVersion: 'v1', kind: 'Pod', spec: { containers } },
      metadata: { name: 'one', namespace: 'default', labels: { tier: 'a' } },
    },
    manager,
  )
  const names = async (selector: string) =>
    (await ask(`${group}/pods?labelSelector=${selector}`)).json.items.map(
      ({ metadata }: { metadata: { name: string } }) => metadata.name,
    )
  expect(await names('tier%3Da')).toEqual(['one'])
  expect(await names('tier%3Db')).toEqual([])
})

test('where nothing is measured there is no such group', async () => {
  face = await startFace()
  expect((await ask(`${group}/pods`)).code).toBe(404)
  expect((await ask('/apis')).text).not.toContain('metrics.k8s.io')
})
