import { describe, expect, test } from 'vitest'
import type { Service } from './kinds.ts'
import { planEndpointSlices } from './plan-endpoint-slices.ts'
import { makePod } from './pods.suite.ts'

const labels = { app: 'odoo' }
const pod = (name: string, facts: Parameters<typeof makePod>[1] = {}) =>
  makePod(name, { labels, ip: '127.64.1.1', ...facts })

describe('endpoint slices', () => {
  test.each([
    ['ready', { ready: true }, { ready: true, serving: true, terminating: false }],
    ['not ready yet', {}, { ready: false, serving: false, terminating: false }],
    [
      'serving on its way out',
      { ready: true, deleting: true },
      { ready: false, serving: true, terminating: true },
    ],
  ])('a pod that is %s', (_, facts, conditions) => {
    const [slice] = planEndpointSlices(makeService(), [pod('a', facts)])
    expect(slice).toMatchObject({
      endpoints: [
        {
          addresses: ['127.64.1.1'],
          conditions,
          targetRef: { kind: 'Pod', namespace: 'acme', name: 'a', uid: 'uid-a' },
        },
      ],
    })
  })

  test('ports by name are found in the pod, the number is used as it is', () => {
    const [slice] = planEndpointSlices(makeService(), [pod('a')])
    expect(slice?.ports).toEqual([
      { name: 'http', port: 8069, protocol: 'TCP' },
      { name: 'longpolling', port: 8072, protocol: 'TCP' },
    ])
  })

  test('pods without address, that have ended or that are not meant, are not in it', () => {
    const pods = [
      makePod('no-address', { labels }),
      pod('ended', { phase: 'Failed' }),
      pod('other', { labels: { app: 'other' } }),
    ]
    expect(planEndpointSlices(makeService(), pods)).toMatchObject([{ endpoints: [] }])
  })

  test('which pods are forks is told of them, and of no others', () => {
    const pods = [pod('a', { forked: true }), pod('b'), pod('c', { forked: true })]
    const [slice] = planEndpointSlices(makeService(), pods)
    expect(slice?.metadata.annotations).toEqual({ 'planapulse.com/forked-pods': 'uid-a,uid-c' })
    expect(planEndpointSlices(makeService(), [pod('b')])[0]?.metadata.annotations).toBeUndefined()
  })

  test.each([
    ['an ExternalName', { type: 'ExternalName' }],
    ['a Service without selector', { selector: {} }],
  ])('%s has none', (_, spec) => {
    expect(planEndpointSlices(makeService(spec), [pod('a')])).toEqual([])
  })

  test('the slice belongs to the Service and names it', () => {
    const [slice] = planEndpointSlices(makeService(), [])
    expect(slice?.metadata).toMatchObject({
      namespace: 'acme',
      labels: { 'kubernetes.io/service-name': 'odoo' },
      ownerReferences: [{ kind: 'Service', uid: 'uid-service', controller: true }],
    })
  })

  test('the order in which pods are listed changes nothing', () => {
    const pods = [pod('a'), pod('b', { ip: '127.64.1.2' })]
    expect(planEndpointSlices(makeService(), pods)).toEqual(
      planEndpointSlices(makeService(), pods.toReversed()),
    )
  })
})

function makeService(spec: Partial<Service['spec']> = {}): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'odoo', namespace: 'acme', uid: 'uid-service' },
    spec: {
      selector: labels,
      ports: [
        { name: 'http', port: 80, targetPort: 'http' },
        { name: 'longpolling', port: 8072 },
      ],
      ...spec,
    },
  }
}
