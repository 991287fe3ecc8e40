import {
  apiVersion,
  type ComposeInput,
  type ComposeOutput,
  type Condition,
  environmentNames,
  type KubeObject,
  type PLANAClient,
  recordOf,
  type TenantEnvironment,
} from '@pulse/api'
import { conditionOf, makeCondition } from './condition.ts'
import { settingsCondition } from './environment-conditions.ts'
import { labelKeys, platformLabels } from './labels.ts'
import { type Parameters, urlOf } from './parameters.ts'
import { editionOfTier } from './tiers.ts'

/** How long a deleted environment's data is kept: said on it, since its client may be gone by then. */
export const retainDaysAnnotation = 'planapulse.com/retain-days'

/** A tenant: its environment `prod`. Further environments are resources of their own. */
export function composeClient({
  resource: client,
  observed,
  parameters,
}: ComposeInput<PLANAClient, Parameters>): ComposeOutput {
  const prod = makeProd(client, observed.prod, parameters)
  const { hostname } = environmentNames(prod.spec, parameters.domains)
  const condition = environmentReady(observed.prod)
  return {
    objects: { prod },
    status: {
      url: urlOf(parameters, hostname),
      hostname,
      environment: prod.metadata.name,
      odooVersion: prod.spec.odooVersion,
    },
    conditions: [condition, ...settingsOf(observed.prod)],
    ready:
      condition.status === 'True'
        ? { ready: true }
        : {
            ready: false,
            reason: condition.reason,
            message: condition.message ?? condition.reason,
          },
    events: [],
    requires: {},
  }
}

/** Who declares a tenant looks at it, and not at its environment. */
function settingsOf(prod: KubeObject | undefined): readonly Condition[] {
  const settings = conditionOf(prod, settingsCondition)
  if (settings === undefined) return []
  const { status, reason, message = '' } = settings
  const facts = { reason, message }
  return [makeCondition(settingsCondition, status === 'True' ? 'True' : 'False', facts)]
}

function makeProd(
  { spec }: PLANAClient,
  observed: KubeObject | undefined,
  { domains }: Parameters,
): TenantEnvironment {
  const { subdomain, odooVersion, hosting, resources, tier } = spec
  const identity = { client: subdomain, name: 'prod', odooVersion, hosting }
  const { resource } = environmentNames(identity, domains)
  return {
    apiVersion,
    kind: 'TenantEnvironment',
    metadata: {
      name: resource,
      labels: platformLabels('environment', {
        [labelKeys.client]: subdomain,
        [labelKeys.environment]: resource,
        [labelKeys.odooVersion]: odooVersion,
        [labelKeys.status]: spec.status,
      }),
      annotations: { [retainDaysAnnotation]: String(spec.deletionPolicy.retainDays) },
    },
    spec: {
      ...identity,
      resources,
      // What it was made from can never change, whatever tier the client has by now.
      source: sourceOf(observed) ?? { template: { edition: editionOfTier[tier] } },
      neutralise: false,
    },
  }
}

/** `source` of an environment that exists: its edition is all that a client's tier has decided. */
function sourceOf(
  observed: KubeObject | undefined,
): TenantEnvironment['spec']['source'] | undefined {
  const { template } = recordOf(recordOf(observed?.spec).source)
  const { edition } = recordOf(template)
  return edition === 'basic' || edition === 'pro' ? { template: { edition } } : undefined
}

/** What the environment says of itself, under a name of its own. */
function environmentReady(prod: KubeObject | undefined): Condition {
  const type = 'EnvironmentReady'
  const ready = conditionOf(prod, 'Ready')
  if (prod === undefined || ready === undefined) {
    return makeCondition(type, 'False', { reason: 'Creating', message: 'prod is being made' })
  }
  const { status, reason, message } = ready
  const facts = { reason, message: message ?? `${prod.metadata.name} is ready` }
  return makeCondition(type, status === 'True' ? 'True' : 'False', facts)
}
