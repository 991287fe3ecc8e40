import type { Domains, KubeObject } from '@pulse/api'
import type { RouteSource } from '@pulse/gateway'
import type { SliceBackends } from './endpoint-slice.ts'
import { createServiceBackends } from './service-backends.ts'
import { createTenantHosts, type HostedEnvironment } from './tenant-hosts.ts'
import { createWorkerDeployments, type WorkerStanding } from './worker-deployments.ts'

/** All that is known of one environment, for who wakes it. */
export interface KnownEnvironment {
  readonly environment: HostedEnvironment
  readonly backends: SliceBackends
  /** Absent until its workers are made. */
  readonly workers: WorkerStanding | undefined
}

export interface RoutingTable extends Required<RouteSource> {
  /** Takes in one object that came, changed or (`gone`) went; the answer names whom it concerns. */
  note(object: KubeObject, gone: boolean): Iterable<string>
  known(environment: string): KnownEnvironment | undefined
  inNamespace(namespace: string): Iterable<string>
  ofClient(client: string): Iterable<string>
  all(): Iterable<string>
}

/**
 * Who is served where, from resources. It keeps names and addresses, not objects, and a request costs a few look-ups
 * in maps, however many tenants there are.
 */
export function createRoutingTable(domains: Domains): RoutingTable {
  const tenants = createTenantHosts(domains)
  const services = createServiceBackends()
  const deployments = createWorkerDeployments()

  return {
    note(object, gone) {
      const { name, namespace = '' } = object.metadata
      switch (object.kind) {
        case 'TenantEnvironment':
          tenants.noteEnvironment(object, gone)
          return [name]
        case 'PLANAClient':
          tenants.noteClient(object, gone)
          return tenants.ofClient(name)
        case 'EndpointSlice':
          services.note(object, gone)
          return tenants.inNamespace(namespace)
        case 'Deployment':
          deployments.note(object, gone)
          return tenants.inNamespace(namespace)
        default:
          return []
      }
    },
    find: (host) => tenants.at(host)?.route,
    uidOf: tenants.uidOf,
    known(name) {
      const environment = tenants.named(name)
      if (environment === undefined) return undefined
      const { namespace, service, deployment } = environment.names
      return {
        environment,
        backends: services.of(`${namespace}/${service}`),
        workers: deployments.find(`${namespace}/${deployment}`),
      }
    },
    inNamespace: tenants.inNamespace,
    ofClient: tenants.ofClient,
    all: tenants.all,
  }
}
