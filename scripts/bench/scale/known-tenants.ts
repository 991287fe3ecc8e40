import { apiVersion, backendSecret, type KubeObject, lifeAnnotation } from '@pulse/api'
import type { Objects } from '@pulse/engine'
import { gatewayNamespace } from '../../../apps/pulse/src/server/parameters.ts'

export const hostOf = (index: number) => `tenant${index}.localhost`

export interface TenantsToSeed {
  readonly from: number
  readonly to: number
  /** The first ones are awake, at this port; all others sleep. */
  readonly awake: number
  readonly backendPort: number
}

const writersAtOnce = 8
const backendKey = Buffer.from('ab'.repeat(32)).toString('base64')

/** Where gateways keep their leases. */
export async function seedGround(objects: Objects) {
  const metadata = { name: gatewayNamespace }
  await objects.create({ apiVersion: 'v1', kind: 'Namespace', metadata }, { fieldManager: 'bench' })
}

/** Instances as the engine leaves them in the store, without their processes. */
export async function seedTenants(
  objects: Objects,
  { from, to, awake, backendPort }: TenantsToSeed,
) {
  let next = from
  const write = async () => {
    while (next < to) {
      const index = next
      next += 1
      for (const object of objectsOf(index, index < awake ? backendPort : undefined)) {
        await objects.create(object, { fieldManager: 'bench' })
        if (object.status === undefined) continue
        const { apiVersion, kind, metadata, status } = object
        const patch = { type: 'merge', patch: { status } } as const
        await objects.patch({ apiVersion, kind, name: metadata.name }, patch, {
          fieldManager: 'bench',
          subresource: 'status',
        })
      }
    }
  }
  await Promise.all(Array.from({ length: writersAtOnce }, write))
}

function objectsOf(index: number, backendPort: number | undefined): readonly KubeObject[] {
  const client = `tenant${index}`
  const namespace = `instance-${client}`
  const name = `odoo-${client}`
  const life = { generation: 1, state: backendPort ? 'up' : 'down', words: [], since: 0 }
  const endpoint = {
    addresses: ['127.0.0.1'],
    conditions: { ready: true },
    targetRef: { uid: `pod-${index}` },
  }
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: backendSecret.name, namespace },
      data: { [backendSecret.key]: backendKey },
    },
    {
      apiVersion,
      kind: 'PLANAClient',
      metadata: { name: client },
      spec: {
        ...{ subdomain: client, projectId: 1, tier: 'pro', hosting: 'instance' },
        ...{ ownerEmail: 'owner@example.com', ownerName: client },
      },
    },
    {
      apiVersion,
      kind: 'TenantEnvironment',
      metadata: { name: `${client}-prod` },
      spec: { client, name: 'prod', odooVersion: '18', hosting: 'instance' },
      status: {
        conditions: [
          {
            type: 'DatabaseReady',
            status: 'True',
            reason: 'Claimed',
            message: '',
            lastTransitionTime: '2026-01-01T00:00:00Z',
          },
        ],
      },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace, annotations: { [lifeAnnotation]: JSON.stringify(life) } },
      spec: { replicas: backendPort === undefined ? 0 : 1 },
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name, namespace, labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      endpoints: backendPort === undefined ? [] : [endpoint],
      ports: [{ name: 'http', port: backendPort ?? 8069 }],
    },
  ]
}
