import { urlOf } from './parameters.ts'
import { isDone, makeStep, type Step } from './step.ts'
import { type ClaimArgs, taskArgs } from './task-args.ts'
import { filestoreClaim, type Tenancy } from './tenancy.ts'

/**
 * A full disk, a name that somebody else's database has, a runtime that is being mended: a tenant waits for those. With
 * pauses that grow to minutes, this is about an hour.
 */
const claimRetries = 20

/**
 * The step that makes the environment's database and filestore. It happens once: who is administrator and how the
 * company is called belongs to the tenant from then on, and a later change of the client must not undo theirs.
 */
export function claimStep(tenancy: Tenancy): Step {
  const { environment, names, labels, parameters } = tenancy
  return makeStep(environment, {
    name: 'claim',
    label: names.label,
    args: taskArgs.claim(claimArgs(tenancy)),
    once: true,
    retries: claimRetries,
    labels,
    parameters,
  })
}

export function isClaimed(tenancy: Tenancy): boolean {
  return isDone(claimStep(tenancy), tenancy.environment, tenancy.observed)
}

function claimArgs(tenancy: Tenancy): ClaimArgs {
  const { environment, client, names, parameters } = tenancy
  const { metadata, spec } = environment
  const { ownerEmail, ownerName, settings, modules } = client.spec
  return {
    environment: metadata.name,
    environmentUid: metadata.uid ?? '',
    client: spec.client,
    name: spec.name,
    major: spec.odooVersion,
    hosting: spec.hosting,
    ...sourceArgs(tenancy),
    neutralise: spec.neutralise,
    database: names.database,
    role: names.role,
    namespace: names.namespace,
    credentialsSecret: names.credentials,
    databaseSecret: names.databaseSecret,
    facts: names.facts,
    postgresHost: parameters.postgres.host,
    postgresPort: parameters.postgres.port,
    ownerEmail,
    ownerName,
    ...settings,
    modules,
    baseUrl: urlOf(parameters, names.hostname),
    reportUrl: reportUrl(tenancy),
    filestoreClaim: filestoreClaim(names),
  }
}

/** On one machine printers ask the worker itself, which has no TLS; in a cluster they go the way of everybody. */
function reportUrl({ names: { hostname }, parameters }: Tenancy): string {
  return parameters.platform === 'machine' ? `http://${hostname}` : urlOf(parameters, hostname)
}

type SourceArgs = Pick<ClaimArgs, 'source' | 'edition' | 'sourceEnvironment' | 'sourceBackup'>

function sourceArgs({ environment }: Tenancy): SourceArgs {
  const { template, backup, environment: original } = environment.spec.source
  if (backup !== undefined) {
    return {
      source: 'backup',
      sourceEnvironment: backup.environment,
      sourceBackup: backup.backup,
    }
  }
  if (original !== undefined) return { source: 'environment', sourceEnvironment: original.name }
  return { source: 'template', edition: template?.edition ?? 'basic' }
}
