import {
  type Domains,
  type EnvironmentNames,
  environmentNames,
  type KubeObject,
  type OdooMajor,
  type Tier,
} from '@pulse/api'
import type { LifeAsk, Route, RouteState } from '@pulse/gateway'
import { createGroups } from './groups.ts'
import {
  type RoutedClient,
  readClient,
  readEnvironment,
  type SleepSettings,
} from './tenant-resources.ts'

/** Of all its names those that routing needs: they are kept for every tenant. */
type RoutedNames = Pick<
  EnvironmentNames,
  'resource' | 'hostname' | 'database' | 'namespace' | 'service' | 'deployment'
>

export interface HostedEnvironment {
  readonly name: string
  readonly names: RoutedNames
  readonly isInstance: boolean
  readonly route: Route
  readonly sleep: SleepSettings
  readonly priority: number
  readonly tier: Tier
  /** Whose files serve it. */
  readonly odooVersion: OdooMajor
  /** As its condition Ready says. */
  readonly isReady: boolean
  readonly trouble: string | undefined
  readonly ask: LifeAsk | undefined
}

export interface TenantHosts {
  noteEnvironment(object: KubeObject, gone: boolean): void
  noteClient(object: KubeObject, gone: boolean): void
  /** The environment at this hostname or alias. */
  at(host: string): HostedEnvironment | undefined
  /** Put together once for each change of it or its client: a request makes no object. */
  named(environment: string): HostedEnvironment | undefined
  /** Of its resource; undefined for one that is not known. */
  uidOf(environment: string): string | undefined
  /** All environments whose workers run in this namespace. */
  inNamespace(namespace: string): Iterable<string>
  ofClient(client: string): Iterable<string>
  all(): Iterable<string>
}

interface EnvironmentEntry
  extends Pick<
    HostedEnvironment,
    'names' | 'isInstance' | 'odooVersion' | 'isReady' | 'trouble' | 'ask'
  > {
  readonly state: RouteState
  readonly client: string
  readonly uid: string
}

/** Until the client is known: never, rather than too early. */
const sleepless: SleepSettings = { isEnabled: false, idleMs: 0, wakeTimeoutMs: 300_000 }

/** Which environment answers at which hostname, from TenantEnvironments and PLANAClients. */
export function createTenantHosts(domains: Domains): TenantHosts {
  const environments = new Map<string, EnvironmentEntry>()
  const clients = new Map<string, RoutedClient>()
  const hosts = new Map<string, string>()
  const assembled = new Map<string, HostedEnvironment>()
  const namespaces = createGroups()
  const owners = createGroups()

  /** A host that another environment has taken meanwhile stays that one's. */
  function release(host: string, environment: string) {
    if (hosts.get(host) === environment) hosts.delete(host)
  }

  function named(name: string): HostedEnvironment | undefined {
    const known = assembled.get(name)
    if (known !== undefined) return known
    const entry = environments.get(name)
    if (entry === undefined) return undefined
    const hosted = assemble(name, entry, clients.get(entry.client))
    assembled.set(name, hosted)
    return hosted
  }

  return {
    noteEnvironment(object, gone) {
      const { name } = object.metadata
      const old = environments.get(name)
      if (old) {
        release(old.names.hostname, name)
        namespaces.remove(old.names.namespace, name)
        owners.remove(old.client, name)
      }
      environments.delete(name)
      assembled.delete(name)
      const environment = gone ? undefined : readEnvironment(object)
      if (!environment) return
      const { identity, ...rest } = environment
      const { client, hosting, odooVersion } = identity
      const names = routedNames(environmentNames(identity, domains))
      const isInstance = hosting === 'instance'
      environments.set(name, { ...rest, client, names, isInstance, odooVersion })
      hosts.set(names.hostname, name)
      namespaces.add(names.namespace, name)
      owners.add(client, name)
    },
    noteClient(object, gone) {
      const { name } = object.metadata
      const environment = `${name}-prod`
      for (const alias of clients.get(name)?.aliases ?? []) release(alias, environment)
      clients.delete(name)
      for (const owned of owners.of(name)) assembled.delete(owned)
      const client = gone ? undefined : readClient(object)
      if (!client) return
      clients.set(name, client)
      for (const alias of client.aliases) hosts.set(alias, environment)
    },
    at: (host) => named(hosts.get(host) ?? ''),
    named,
    uidOf: (name) => environments.get(name)?.uid,
    inNamespace: namespaces.of,
    ofClient: owners.of,
    all: () => environments.keys(),
  }
}

function assemble(
  name: string,
  entry: EnvironmentEntry,
  client: RoutedClient | undefined,
): HostedEnvironment {
  const { names, isInstance, odooVersion, isReady, trouble } = entry
  return {
    ...{ name, names, isInstance, odooVersion, isReady, trouble },
    route: {
      environment: name,
      hostname: names.hostname,
      displayName: client?.displayName ?? entry.client,
      state: client?.state ?? entry.state,
    },
    sleep: client?.sleep ?? sleepless,
    priority: client?.priority ?? 0,
    tier: client?.tier ?? 'starter',
    ask: askOf(entry, client),
  }
}

function routedNames(names: EnvironmentNames): RoutedNames {
  const { resource, hostname, database, namespace, service, deployment } = names
  return { resource, hostname, database, namespace, service, deployment }
}

/** What is asked of a client is asked of its `prod`: of two orders the newer counts, of two keepings the longer. */
function askOf({ ask, names }: EnvironmentEntry, client: RoutedClient | undefined) {
  const asked = names.resource.endsWith('-prod') ? client?.ask : undefined
  if (ask === undefined || asked === undefined) return ask ?? asked
  return {
    ...latest('wakeAt', ask, asked),
    ...latest('sleepAt', ask, asked),
    ...latest('awakeUntil', ask, asked),
  }
}

function latest(of: keyof LifeAsk, one: LifeAsk, other: LifeAsk): LifeAsk {
  const times = [one[of], other[of]].filter((time) => time !== undefined)
  return times.length === 0 ? {} : { [of]: Math.max(...times) }
}
