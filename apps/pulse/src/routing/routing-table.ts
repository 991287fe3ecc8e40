import type { Domains, KubeObject } from '@pulse/api'
import type { Backend, Route, RouteSource } from '@pulse/gateway'
import { createServiceBackends } from './service-backends.ts'
import { createTenantHosts, type HostedEnvironment } from './tenant-hosts.ts'

export interface RoutingTable extends RouteSource {
  /** Takes in one object that came, changed or (`gone`) went: TenantEnvironment, PLANAClient or EndpointSlice. */
  note(object: KubeObject, gone: boolean): void
  /** Whether the environment of this name has an address that a request can be sent to. */
  hasBackend(environment: string): boolean
}

/**
 * Who is served where, from resources. It keeps names and addresses, not objects, and a request costs a few look-ups
 * in maps, however many tenants there are.
 */
export function createRoutingTable(domains: Domains): RoutingTable {
  const tenants = createTenantHosts(domains)
  const services = createServiceBackends()

  const backendsFor = ({ names }: HostedEnvironment): readonly Backend[] =>
    services.of(`${names.namespace}/${names.service}`)

  return {
    note(object, gone) {
      if (object.kind === 'TenantEnvironment') tenants.noteEnvironment(object, gone)
      if (object.kind === 'PLANAClient') tenants.noteClient(object, gone)
      if (object.kind === 'EndpointSlice') services.note(object, gone)
    },
    find(host): Route | undefined {
      const environment = tenants.at(host)
      if (environment === undefined) return undefined
      return {
        environment: environment.name,
        hostname: environment.names.hostname,
        displayName: environment.displayName,
        state: environment.state,
        backends: backendsFor(environment),
      }
    },
    hasBackend(name) {
      const environment = tenants.named(name)
      return environment !== undefined && backendsFor(environment).length > 0
    },
  }
}
