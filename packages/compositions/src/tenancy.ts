import {
  type ComposeInput,
  type EnvironmentNames,
  environmentNames,
  type KubeObject,
  type PLANAClient,
  type TenantEnvironment,
} from '@pulse/api'
import { fixedNames } from './fixed-names.ts'
import { environmentLabels, type Labels } from './labels.ts'
import type { Parameters } from './parameters.ts'
import type { Observed } from './step.ts'
import { type Size, sizes } from './tiers.ts'

/** All that is known of one environment while it is composed. */
export interface Tenancy {
  readonly environment: TenantEnvironment
  readonly client: PLANAClient
  readonly names: EnvironmentNames
  readonly labels: Labels
  readonly size: Size
  readonly observed: Observed
  /** The Deployment that serves it, and its pods: its own, or the pool's. */
  readonly workers: Workers
  /** Where its workers start, if they may be forked there. */
  readonly forkingNode: KubeObject | undefined
  /** What it will be cloned from, as long as that matters and may be of another runtime. */
  readonly template: KubeObject | undefined
  readonly parameters: Parameters
}

export interface Workers {
  readonly deployment: KubeObject | undefined
  readonly pods: readonly KubeObject[]
}

export type EnvironmentInput = ComposeInput<TenantEnvironment, Parameters>

export function makeTenancy(input: EnvironmentInput, client: PLANAClient): Tenancy {
  const { resource: environment, observed, required, parameters } = input
  const names = environmentNames(environment.spec, parameters.domains)
  const ownDeployment = environment.spec.hosting === 'instance'
  return {
    environment,
    client,
    names,
    labels: environmentLabels(environment, client, names.label),
    size: sizes[environment.spec.resources],
    observed,
    workers: {
      deployment: ownDeployment ? observed.worker : required.pool?.[0],
      pods: required.workers ?? [],
    },
    forkingNode: required.forkingNode?.[0],
    template: required.template?.[0],
    parameters,
  }
}

/** `{namespace}/{claim}` of the volume that holds the environment's filestore. */
export function filestoreClaim({ namespace }: EnvironmentNames): string {
  return `${namespace}/${fixedNames.filestore}`
}

/** Whether this installation can run the environment's Odoo at all. */
export function hasRuntime({ environment, parameters }: Tenancy): boolean {
  return parameters.majors.includes(environment.spec.odooVersion)
}

/** The environment's objects exist already: then nothing that is missing elsewhere may take them away. */
export function isUnderWay({ observed }: Pick<Tenancy, 'observed'>): boolean {
  return Object.keys(observed).length > 0
}
