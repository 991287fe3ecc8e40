import {
  apiVersion,
  type ComposedEvent,
  type ComposeOutput,
  environmentNames,
  type KubeObject,
  type PLANAClient,
  type Requirement,
  type TenantEnvironment,
} from '@pulse/api'
import { claimStep } from './claim-step.ts'
import { makeCondition } from './condition.ts'
import { environmentConditions, readinessOf } from './environment-conditions.ts'
import { templateRequirement } from './foreign-template.ts'
import { instanceObjects } from './instance.ts'
import { instanceSelector, poolSelector } from './labels.ts'
import { type Parameters, urlOf } from './parameters.ts'
import { poolMemberObjects } from './pool-member.ts'
import { stepState, stepsOf } from './step.ts'
import { type EnvironmentInput, isUnderWay, makeTenancy, type Tenancy } from './tenancy.ts'

/** Everything one environment needs, keyed by a stable composition resource name. */
export function composeEnvironment(input: EnvironmentInput): ComposeOutput {
  const requires = {
    ...requirementsOf(input.resource, input.parameters),
    ...templateRequirement(input),
  }
  const client = input.required.client?.find(isClient)
  if (client === undefined) return withoutClient(input, requires)

  const tenancy = makeTenancy(input, client)
  const { environment, observed } = tenancy
  const isInstance = environment.spec.hosting === 'instance'
  const objects = isInstance ? instanceObjects(tenancy) : poolMemberObjects(tenancy)
  const conditions = environmentConditions(tenancy)
  const steps = stepsOf([claimStep(tenancy)], environment, observed)

  return {
    objects,
    status: { ...factsOf(tenancy), steps },
    conditions,
    ready: readinessOf(conditions),
    events: eventsOf(tenancy),
    requires,
  }
}

/** The client says who owns it and how it is served; the workers say whether it can be, the Node how they start. */
function requirementsOf(
  { spec }: TenantEnvironment,
  { domains, forkingNode }: Parameters,
): Readonly<Record<string, Requirement>> {
  const { namespace, deployment, label } = environmentNames(spec, domains)
  const pods = { apiVersion: 'v1', kind: 'Pod', namespace }
  const client = { apiVersion, kind: 'PLANAClient', name: spec.client }
  if (spec.hosting === 'instance') {
    const workers = { ...pods, labels: instanceSelector(label) }
    if (forkingNode === undefined) return { client, workers }
    return { client, workers, forkingNode: { apiVersion: 'v1', kind: 'Node', name: forkingNode } }
  }
  return {
    client,
    pool: { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name: deployment },
    workers: { ...pods, labels: poolSelector() },
  }
}

function isClient(object: KubeObject): object is PLANAClient {
  return object.kind === 'PLANAClient'
}

/**
 * Nothing can be composed without the client. An environment that exists already must not lose a single object by
 * that, and what is not named is deleted: so this is an error, which leaves everything as it is.
 */
function withoutClient(
  { resource, observed, required }: EnvironmentInput,
  requires: Readonly<Record<string, Requirement>>,
): ComposeOutput {
  const message = `PLANAClient ${resource.spec.client} is not there`
  if (required.client !== undefined && isUnderWay({ observed })) {
    throw new Error(`cannot compose ${resource.metadata.name}: ${message}; nothing was changed`)
  }
  return {
    objects: {},
    status: { steps: stepsOf([], resource, observed) },
    conditions: [makeCondition('DatabaseReady', 'False', { reason: 'ClientMissing', message })],
    ready: { ready: false, message },
    events: [],
    requires,
  }
}

function factsOf({ environment, names, parameters }: Tenancy) {
  return {
    url: urlOf(parameters, names.hostname),
    label: names.label,
    hostname: names.hostname,
    database: names.database,
    namespace: names.namespace,
    odooVersion: environment.spec.odooVersion,
    credentials: { namespace: names.namespace, name: names.credentials },
  }
}

/** Told in the one pass that sees the step end, before it is recorded. */
function eventsOf(tenancy: Tenancy): readonly ComposedEvent[] {
  const { phase } = stepState(claimStep(tenancy), tenancy.environment, tenancy.observed)
  if (phase !== 'succeeded') return []
  const message = `database ${tenancy.names.database} and its filestore were made`
  return [{ type: 'Normal', reason: 'DatabaseClaimed', message }]
}
