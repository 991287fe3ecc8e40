import {
  apiVersion,
  apiVersionOf,
  type KindDefinition,
  type KubeObject,
  type OdooMajor,
  type TenantEnvironment,
} from '@pulse/api'
import {
  composeClient,
  composedKinds,
  composeEnvironment,
  composeNothingYet,
  composePool,
  composeTemplateSnapshot,
  environmentTeardown,
  makePool,
  type Parameters,
} from '@pulse/compositions'
import {
  type Clock,
  type CompositeOptions,
  type Controller,
  compositeController,
  type EventRecorder,
  type MachineControllerOptions,
  machineControllers,
  type Objects,
  poolController,
  type Relations,
  teardownController,
} from '@pulse/engine'
import { clientTeardown } from './client-teardown.ts'

export interface ControllerDeps {
  /** As passes read them: what was heard. */
  readonly objects: Objects & Relations
  /** For what cannot be undone. */
  readonly exact: Objects & Relations
  readonly clock: Clock
  readonly events: EventRecorder
  readonly kinds: readonly KindDefinition[]
  readonly parameters: Parameters
  /** Majors with a runtime: each gets a pool. */
  readonly majors: readonly OdooMajor[]
  readonly machine: Pick<MachineControllerOptions, 'volumes' | 'uids' | 'log'>
}

/** Every controller of one machine: what our kinds mean, how they go, and what a cluster would do for them. */
export function makeControllers(deps: ControllerDeps): readonly Controller[] {
  return [...composites(deps), pools(deps), ...teardowns(deps), ...machine(deps)]
}

/** The composition of each of our kinds; the wiring of D2. */
function composites(deps: ControllerDeps): readonly Controller[] {
  const composite = (
    kind: string,
    compose: CompositeOptions['compose'],
    watches: CompositeOptions['watches'],
  ) => compositeController({ apiVersion, kind }, { ...deps, compose, watches })
  return [
    composite('PLANAClient', composeClient, composedKinds.client),
    composite('TenantEnvironment', composeEnvironment, composedKinds.environment),
    composite('TemplateSnapshot', composeTemplateSnapshot, composedKinds.template),
    composite('EnvironmentBackup', composeNothingYet, []),
    composite('EnvironmentRestore', composeNothingYet, []),
    composite('TenantUpgrade', composeNothingYet, []),
  ]
}

/** Carried by every object of a pool. */
const poolLabel = 'planapulse.com/pool'

function pools(deps: ControllerDeps): Controller {
  const wanted = new Map(
    deps.majors.map((major) => [makePool(major).metadata.name, makePool(major)]),
  )
  return poolController(
    { apiVersion, kind: 'Pool' },
    {
      ...deps,
      compose: composePool,
      watches: composedKinds.pool,
      label: poolLabel,
      read: (name) => Promise.resolve(wanted.get(name)),
      feed: (add) => {
        for (const name of wanted.keys()) add(name)
      },
    },
  )
}

function teardowns({ exact, clock, events, parameters }: ControllerDeps): readonly Controller[] {
  const deps = { objects: exact, clock, events }
  return [
    teardownController(
      { apiVersion, kind: 'PLANAClient' },
      { ...deps, steps: clientTeardown, watches: composedKinds.client },
    ),
    teardownController(
      { apiVersion, kind: 'TenantEnvironment' },
      {
        ...deps,
        steps: (environment, observed) =>
          isEnvironment(environment) ? environmentTeardown(environment, observed, parameters) : [],
        watches: composedKinds.environment,
      },
    ),
  ]
}

function machine({ objects, clock, events, kinds, machine: options }: ControllerDeps) {
  const namespacedKinds = kinds
    .filter(({ namespaced }) => namespaced)
    .map((kind) => ({ apiVersion: apiVersionOf(kind), kind: kind.kind }))
  return machineControllers({ objects, clock, events, namespacedKinds, ...options })
}

function isEnvironment(object: KubeObject): object is TenantEnvironment {
  return object.kind === 'TenantEnvironment'
}
