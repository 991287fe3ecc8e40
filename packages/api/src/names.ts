/**
 * Every name that Pulse derives, and the only place that may derive one (spec/platform.md 7.1; design, "Names").
 * PostgreSQL, DNS labels and Kubernetes labels all end at 63 bytes, so the parts are bounded to fit for every
 * legal input: a property test holds it.
 */

/** Domains are configuration; each is at most `maxDomainLength` so that a hostname is a legal database name. */
export interface Domains {
  /** Production hostnames: `{label}.{tenant}`. */
  readonly tenant: string
  /** All other environments: `{label}.{dev}`. */
  readonly dev: string
  /** Where a tenant may have the alias `{subdomain}.{alias}` and no other. */
  readonly alias?: string
  /** The operator's further domains: no tenant's alias may stand there. */
  readonly platform?: readonly string[]
}

/** A whole installation on one machine: browsers and curl resolve `*.localhost` by themselves. */
export const machineDomains: Domains = { tenant: 'localhost', dev: 'localhost' }

export const odooMajors = ['17', '18', '19'] as const
export type OdooMajor = (typeof odooMajors)[number]

export const maxNameBytes = 63
export const maxSubdomainLength = 30
export const maxEnvironmentNameLength = 12
/** 63 bytes of a database name, less the longest label and a dot. */
export const maxDomainLength =
  maxNameBytes - 1 - (maxSubdomainLength + 1 + maxEnvironmentNameLength)

export const subdomainPattern = '^[a-z0-9]([a-z0-9-]*[a-z0-9])?$'
export const environmentNamePattern = '^[a-z][a-z0-9]{0,11}$'

/** Labels by which our resources find each other; the server fills them in from the spec. */
export const clientLabel = 'planapulse.com/client'
/** On a TenantUpgrade: the label of the environment it upgrades. */
export const slugLabel = 'planapulse.com/slug'

/** The namespace in which the tasks of all environments run. */
export const taskNamespace = 'crossplane-system'

export interface EnvironmentIdentity {
  readonly client: string
  readonly name: string
  readonly odooVersion: OdooMajor
  readonly hosting: 'pool' | 'instance'
}

export interface EnvironmentNames {
  /** Name of the TenantEnvironment resource. */
  readonly resource: string
  /** First label of the hostname; unique over all environments. */
  readonly label: string
  /** Also the name of the database and of the filestore folder. */
  readonly hostname: string
  readonly database: string
  readonly filestore: string
  /** Where the worker and the credentials live. */
  readonly namespace: string
  /** PostgreSQL role that owns the database. */
  readonly role: string
  /** Deployment and Service of the workers, in `namespace`. */
  readonly deployment: string
  readonly service: string
  /** Secret with the administrator's login, filled by the claim. */
  readonly credentials: string
  /** ConfigMap with the results of tasks. */
  readonly facts: string
  /** Secret with the database role's credentials. */
  readonly databaseSecret: string
}

/** All names of one environment. */
export function environmentNames(
  { client, name, odooVersion, hosting }: EnvironmentIdentity,
  domains: Domains,
): EnvironmentNames {
  const label = environmentLabel(client, name)
  const hostname = `${label}.${name === 'prod' ? domains.tenant : domains.dev}`
  const place = hosting === 'pool' ? poolNames(odooVersion) : instanceNames(label)
  return {
    resource: environmentResourceName(client, name),
    label,
    hostname,
    database: hostname,
    filestore: hostname,
    credentials: `${label}-credentials`,
    facts: `${label}-facts`,
    ...place,
  }
}

/** `acme` for prod, else `acme-test`. */
export function environmentLabel(client: string, name: string): string {
  return name === 'prod' ? client : `${client}-${name}`
}

/** Name of the TenantEnvironment resource; prod has its suffix here too. */
export function environmentResourceName(client: string, name: string): string {
  return `${client}-${name}`
}

/** The parts of a TenantEnvironment's name: an environment's own name has no dash, so there is only one way. */
export function parseEnvironmentResourceName(
  resource: string,
): { readonly client: string; readonly name: string } | undefined {
  const dash = resource.lastIndexOf('-')
  if (dash <= 0 || dash === resource.length - 1) return undefined
  return { client: resource.slice(0, dash), name: resource.slice(dash + 1) }
}

/** Names of the environments that may have this label: `acme-test` is prod of `acme-test` or test of `acme`. */
export function environmentsOfLabel(label: string): readonly string[] {
  return [environmentResourceName(label, 'prod'), label]
}

export type PlaceNames = Pick<
  EnvironmentNames,
  'namespace' | 'role' | 'deployment' | 'service' | 'databaseSecret'
>

/** The shared workers of one Odoo major; 17 has no suffix, as the platform's documents say. */
export function poolNames(major: OdooMajor): PlaceNames {
  return {
    namespace: major === '17' ? 'plana-odoo' : `plana-odoo-${major}`,
    role: `plana_odoo_${major}`,
    deployment: 'worker-odoo',
    service: 'worker-odoo',
    databaseSecret: 'worker-odoo-postgres',
  }
}

function instanceNames(label: string): PlaceNames {
  return {
    namespace: `instance-${label}`,
    role: `instance-${label}`,
    deployment: `odoo-${label}`,
    service: `odoo-${label}`,
    databaseSecret: 'odoo-secrets',
  }
}

/** Name of the TemplateSnapshot resource of an edition and major. */
export function templateSnapshotName(edition: 'basic' | 'pro', major: OdooMajor): string {
  return `${edition}-${major}`
}

/** `basic-template-18.planapulse.app`: the TEMPLATE database of an edition and major. */
export function templateDatabaseName(
  edition: 'basic' | 'pro',
  major: OdooMajor,
  domains: Domains,
): string {
  return `${edition}-template-${major}.${domains.tenant}`
}

/** The database between standby and final name; the name is the journal of the claim (decision D10). */
export function claimDatabaseName(environmentUid: string): string {
  return `claim_${environmentUid}`
}

/** A database that is ready to be claimed, and for an instance also its role. */
export function standbyName(id: string): string {
  return `standby_${id}`
}

/** A database that is still being made: whatever has this name and no living task is rubbish. */
export function unfinishedDatabaseName(id: string): string {
  return `filling_${id}`
}

/** The login with which a task works inside such a database, as far as its owner may and no further. */
export function ownerSessionName(database: string): string {
  return `${database}-session`
}

/** Where a deleted environment's database waits for its purge. */
export function tombstoneDatabaseName(environmentUid: string): string {
  return `~${environmentUid}`
}

/** `support-acme-023`. */
export function supportRoomName(subdomain: string, projectId: number): string {
  return `support-${subdomain}-${String(projectId).padStart(3, '0')}`
}

/**
 * `{step}-{label}-{hash}` of the step's inputs. A label too long for 63 bytes is cut: the hash, which
 * covers the whole of it, keeps the name apart from its neighbours.
 */
export function jobName(step: string, label: string, inputsHash: string): string {
  const room = maxNameBytes - step.length - inputsHash.length - 2
  return `${step}-${label.slice(0, room).replace(/-+$/, '')}-${inputsHash}`
}

/** Secret in each namespace of workers: the key by which a backend knows that it is meant (`X-Pulse-Backend`). */
export const backendSecret = { name: 'odoo-backend', key: 'key' } as const

/** On an EndpointSlice: uids, with commas, of those of its pods that are forks of what their runtime has loaded. */
export const forkedAnnotation = 'planapulse.com/forked-pods'

/** On an environment or template: 1, then 2, 3, … asks that what has failed is tried once more. */
export const retryAnnotation = 'planapulse.com/retry'

/** On the Deployment of an instance: what the gateways agree on about its sleep, written with `spec.replicas`. */
export const lifeAnnotation = 'planapulse.com/life'

/** Annotations of a PLANAClient or TenantEnvironment by which people steer its sleep; each an RFC 3339 time. */
export const askAnnotations = {
  wakeAt: 'planapulse.com/wake-at',
  sleepAt: 'planapulse.com/sleep-at',
  awakeUntil: 'planapulse.com/keep-awake-until',
} as const
