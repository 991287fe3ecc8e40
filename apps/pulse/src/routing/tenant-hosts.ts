import { type Domains, type EnvironmentNames, environmentNames, type KubeObject } from '@pulse/api'
import type { RouteState } from '@pulse/gateway'
import { type RoutedClient, readClient, readEnvironment } from './tenant-resources.ts'

export interface HostedEnvironment {
  readonly name: string
  readonly names: EnvironmentNames
  readonly displayName: string
  readonly state: RouteState
}

export interface TenantHosts {
  noteEnvironment(object: KubeObject, gone: boolean): void
  noteClient(object: KubeObject, gone: boolean): void
  /** The environment at this hostname or alias. */
  at(host: string): HostedEnvironment | undefined
  named(environment: string): HostedEnvironment | undefined
}

interface EnvironmentEntry {
  readonly client: string
  readonly names: EnvironmentNames
  readonly state: RouteState
}

/** Which environment answers at which hostname, from TenantEnvironments and PLANAClients. */
export function createTenantHosts(domains: Domains): TenantHosts {
  const environments = new Map<string, EnvironmentEntry>()
  const clients = new Map<string, RoutedClient>()
  const hosts = new Map<string, string>()

  /** A host that another environment has taken meanwhile stays that one's. */
  function release(host: string, environment: string) {
    if (hosts.get(host) === environment) hosts.delete(host)
  }

  function named(name: string): HostedEnvironment | undefined {
    const entry = environments.get(name)
    if (entry === undefined) return undefined
    const client = clients.get(entry.client)
    return {
      name,
      names: entry.names,
      displayName: client?.displayName ?? entry.client,
      state: client?.state ?? entry.state,
    }
  }

  return {
    noteEnvironment(object, gone) {
      const { name } = object.metadata
      const old = environments.get(name)
      if (old) release(old.names.hostname, name)
      environments.delete(name)
      const environment = gone ? undefined : readEnvironment(object)
      if (!environment) return
      const { identity, state } = environment
      const names = environmentNames(identity, domains)
      environments.set(name, { client: identity.client, names, state })
      hosts.set(names.hostname, name)
    },
    noteClient(object, gone) {
      const { name } = object.metadata
      const environment = `${name}-prod`
      for (const alias of clients.get(name)?.aliases ?? []) release(alias, environment)
      clients.delete(name)
      const client = gone ? undefined : readClient(object)
      if (!client) return
      clients.set(name, client)
      for (const alias of client.aliases) hosts.set(alias, environment)
    },
    at: (host) => named(hosts.get(host) ?? ''),
    named,
  }
}
