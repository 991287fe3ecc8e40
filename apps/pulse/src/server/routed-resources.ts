import { apiVersion, type Domains, type KubeObject, type Log } from '@pulse/api'
import { type Clock, followKind } from '@pulse/engine'
import { systemClock } from '@pulse/gateway'
import { leaseKind } from '../leases/lease.ts'
import { type BackendIdentities, createBackendIdentities } from '../routing/backend-identities.ts'
import type { GatewayObjects } from '../routing/deployment-lives.ts'
import { createGatewayLeases, type GatewayLeases } from '../routing/gateway-leases.ts'
import { createOwnDatabases } from '../routing/own-database.ts'
import { createRoutingTable, type RoutingTable } from '../routing/routing-table.ts'
import { createWaker, type ResourceWaker } from '../routing/waker.ts'
import { gatewayNamespace } from './parameters.ts'

const routedKinds = [
  { apiVersion, kind: 'PLANAClient' },
  { apiVersion, kind: 'TenantEnvironment' },
  { apiVersion: 'apps/v1', kind: 'Deployment' },
  { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' },
  leaseKind,
] as const

export interface RoutedResourcesOptions {
  readonly objects: GatewayObjects
  /** Of this gateway. */
  readonly name: string
  readonly domains: Domains
  readonly concurrency: number
  readonly leaseSeconds: number
  /** Of visitors without a login, for every tenant; undefined leaves it to its tier. */
  readonly wakesPerHour: number | undefined
  /** A client or an environment has changed. */
  readonly onOwn: (object: KubeObject) => void
  /** What has this name is another environment now, or none. */
  readonly onAnother: (environment: string) => void
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

/** What the gateway knows of the resources, kept up to date until the signal. */
export interface RoutedResources {
  readonly table: RoutingTable
  readonly waker: ResourceWaker
  readonly leases: Pick<GatewayLeases, 'close'>
}

/** Resolves when it knows every route, and the other gateways know of this one. */
export async function followRoutedResources(
  options: RoutedResourcesOptions,
): Promise<RoutedResources> {
  const { name, domains, leaseSeconds: durationSeconds } = options
  const leases = createGatewayLeases({
    ...options,
    ...{ name, namespace: gatewayNamespace, durationSeconds, clock: systemClock },
  })
  const table = createRoutingTable(domains)
  const tell = (environments: Iterable<string>) => {
    for (const environment of environments) waker.tell(environment)
  }
  const identities = openIdentities(options, (namespace) => tell(table.inNamespace(namespace)))
  const { members } = leases
  const waker: ResourceWaker = createWaker({ ...options, table, identities, members })
  const databases = createOwnDatabases()
  const sources = routedKinds.map((kind) =>
    followKind(kind, {
      ...options,
      random: Math.random,
      onChange(object, gone) {
        if (object.kind === 'Lease') leases.note(object, gone)
        else tell(table.note(object, gone))
        if (object.kind === 'Deployment' && gone) identities.forget(object.metadata.namespace ?? '')
        if (object.apiVersion === apiVersion) options.onOwn(object)
        if (databases.isAnother(object, gone)) options.onAnother(object.metadata.name)
      },
      onGap: () => tell(table.all()),
    }),
  )
  await Promise.all(sources.map(({ synced }) => synced))
  await leases.open()
  return { table, waker, leases }
}

function openIdentities(
  { objects, log, signal }: Pick<RoutedResourcesOptions, 'objects' | 'log' | 'signal'>,
  tell: (namespace: string) => void,
): BackendIdentities {
  return createBackendIdentities({
    readSecret: (namespace, name) =>
      objects.get({ apiVersion: 'v1', kind: 'Secret', namespace, name }),
    onKnown(namespace) {
      if (!signal.aborted) tell(namespace)
    },
    clock: systemClock,
    log,
  })
}
