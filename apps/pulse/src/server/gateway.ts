import { hostname } from 'node:os'
import { apiVersion, type Domains, type Log } from '@pulse/api'
import { type Clock, followKind, type Objects } from '@pulse/engine'
import { createGateway, type Gateway, type GatewayLimits, type LifeLimits } from '@pulse/gateway'
import type { Metrics } from '@pulse/service'
import { createBackendIdentities } from '../routing/backend-identities.ts'
import { createRoutingTable } from '../routing/routing-table.ts'
import { createWaker, type ResourceWaker } from '../routing/waker.ts'
import { recordRequests, recordWakes } from './record-requests.ts'

const routedKinds = [
  { apiVersion, kind: 'PLANAClient' },
  { apiVersion, kind: 'TenantEnvironment' },
  { apiVersion: 'apps/v1', kind: 'Deployment' },
  { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' },
] as const

export interface GatewayDeps {
  readonly objects: Objects
  readonly domains: Domains
  readonly limits: Partial<GatewayLimits>
  readonly life: Partial<LifeLimits>
  /** How many requests one process of Odoo carries out at a time. */
  readonly concurrency: number
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly signal: AbortSignal
}

/** The gateway over the resources; resolves when it knows every route. */
export async function openGateway(deps: GatewayDeps): Promise<Gateway> {
  const { objects, domains, limits, metrics } = deps
  const log = deps.log.child({ part: 'gateway' })
  const name = `${hostname()}-${process.pid}`
  const table = createRoutingTable(domains)
  const identities = createBackendIdentities({
    readSecret: (namespace, secret) =>
      objects.get({ apiVersion: 'v1', kind: 'Secret', namespace, name: secret }),
    onKnown: (namespace) => tell(table.inNamespace(namespace)),
    log,
  })
  const waker: ResourceWaker = createWaker({ ...deps, table, identities, members: () => [name] })
  const tell = (environments: Iterable<string>) => {
    for (const environment of environments) waker.tell(environment)
  }
  const sources = routedKinds.map((kind) =>
    followKind(kind, {
      ...deps,
      log,
      random: Math.random,
      onChange: (object, gone) => tell(table.note(object, gone)),
      onGap: () => tell(table.all()),
    }),
  )
  await Promise.all(sources.map(({ synced }) => synced))
  return createGateway({
    name,
    routes: table,
    waker,
    limits,
    life: deps.life,
    log,
    onRequest: recordRequests(metrics, log),
    ...recordWakes(metrics, log),
  })
}
