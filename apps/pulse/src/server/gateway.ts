import { apiVersion, type Domains, type Log } from '@pulse/api'
import { type Clock, followKind, type Objects } from '@pulse/engine'
import { createGateway, type Gateway, type GatewayLimits } from '@pulse/gateway'
import type { Metrics } from '@pulse/service'
import { createAlwaysAwake } from '../routing/always-awake.ts'
import { createRoutingTable } from '../routing/routing-table.ts'
import { recordRequests } from './record-requests.ts'

const routedKinds = [
  { apiVersion, kind: 'PLANAClient' },
  { apiVersion, kind: 'TenantEnvironment' },
  { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' },
] as const

export interface GatewayDeps {
  readonly objects: Objects
  readonly domains: Domains
  readonly limits: Partial<GatewayLimits>
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly signal: AbortSignal
}

/** The gateway over the resources; resolves when it knows every route. */
export async function openGateway(deps: GatewayDeps): Promise<Gateway> {
  const { domains, limits, metrics } = deps
  const log = deps.log.child({ part: 'gateway' })
  const table = createRoutingTable(domains)
  const sources = routedKinds.map((kind) =>
    followKind(kind, {
      ...deps,
      log,
      random: Math.random,
      onChange: table.note,
      onGap: () => {},
    }),
  )
  await Promise.all(sources.map(({ synced }) => synced))
  return createGateway({
    routes: table,
    waker: createAlwaysAwake(table),
    limits,
    log,
    onRequest: recordRequests(metrics, log),
  })
}
