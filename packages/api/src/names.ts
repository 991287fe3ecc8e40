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
}

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
    resource: `${client}-${name}`,
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
