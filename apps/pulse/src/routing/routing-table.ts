import {
  type Domains,
  type EnvironmentNames,
  environmentNames,
  type KubeObject,
  keyOf,
  refOf,
} from '@pulse/api'
import type { Backend, Route, RouteSource, RouteState } from '@pulse/gateway'
import { backendsOf, serviceOf } from './endpoint-slice.ts'
import { readClient, readEnvironment } from './tenant-resources.ts'

export interface RoutingTable extends RouteSource {
  /** Takes in one object that came, changed or (`gone`) went: TenantEnvironment, PLANAClient or EndpointSlice. */
  note(object: KubeObject, gone: boolean): void
}

interface EnvironmentEntry {
  readonly client: string
  readonly names: EnvironmentNames
  readonly state: RouteState
}

interface ClientEntry {
  readonly displayName: string
  readonly aliases: readonly string[]
  readonly state: RouteState | undefined
}

/**
 * Who is served where, from resources. It keeps names and addresses, not objects, and a request costs three look-ups
 * in maps, however many tenants there are.
 */
export function createRoutingTable(domains: Domains): RoutingTable {
  const environments = new Map<string, EnvironmentEntry>()
  const clients = new Map<string, ClientEntry>()
  const hosts = new Map<string, string>()
  const slices = new Map<
    string,
    { readonly service: string; readonly backends: readonly Backend[] }
  >()
  const services = new Map<string, ReadonlySet<string>>()

  function noteEnvironment(object: KubeObject, gone: boolean) {
    const { name } = object.metadata
    const old = environments.get(name)
    if (old && hosts.get(old.names.hostname) === name) hosts.delete(old.names.hostname)
    environments.delete(name)
    if (gone) return
    const environment = readEnvironment(object)
    if (!environment) return
    const names = environmentNames(environment.identity, domains)
    environments.set(name, { client: environment.identity.client, names, state: environment.state })
    hosts.set(names.hostname, name)
  }

  function noteClient(object: KubeObject, gone: boolean) {
    const { name } = object.metadata
    const environment = `${name}-prod`
    for (const alias of clients.get(name)?.aliases ?? []) {
      if (hosts.get(alias) === environment) hosts.delete(alias)
    }
    clients.delete(name)
    const client = gone ? undefined : readClient(object)
    if (!client) return
    clients.set(name, client)
    for (const alias of client.aliases) hosts.set(alias, environment)
  }

  function noteSlice(object: KubeObject, gone: boolean) {
    const key = keyOf(refOf(object))
    const old = slices.get(key)
    if (old) services.set(old.service, without(services.get(old.service), key))
    slices.delete(key)
    const service = serviceOf(object)
    if (gone || service === undefined) return
    slices.set(key, { service, backends: backendsOf(object) })
    services.set(service, new Set([...(services.get(service) ?? []), key]))
  }

  return {
    note(object, gone) {
      if (object.kind === 'TenantEnvironment') noteEnvironment(object, gone)
      if (object.kind === 'PLANAClient') noteClient(object, gone)
      if (object.kind === 'EndpointSlice') noteSlice(object, gone)
    },
    find(host): Route | undefined {
      const name = hosts.get(host)
      const environment = name === undefined ? undefined : environments.get(name)
      if (name === undefined || environment === undefined) return undefined
      const client = clients.get(environment.client)
      const { namespace, service, hostname } = environment.names
      const keys = services.get(`${namespace}/${service}`) ?? []
      return {
        environment: name,
        hostname,
        displayName: client?.displayName ?? environment.client,
        state: client?.state ?? environment.state,
        backends: [...keys].flatMap((key) => slices.get(key)?.backends ?? []),
      }
    },
  }
}

function without(keys: ReadonlySet<string> | undefined, key: string): ReadonlySet<string> {
  return new Set([...(keys ?? [])].filter((other) => other !== key))
}
