import {
  apiVersion,
  backendSecret,
  type ComposeInput,
  type ComposeOutput,
  type KubeObject,
  type OdooMajor,
  poolNames,
  recordOf,
} from '@pulse/api'
import { makeCondition, statusOf } from './condition.ts'
import { readinessOf } from './environment-conditions.ts'
import type { Composed } from './environment-objects.ts'
import { fixedNames } from './fixed-names.ts'
import { poolLabels, poolSelector } from './labels.ts'
import { makeAutoscaler } from './make-autoscaler.ts'
import { makeConfigMap } from './make-config-map.ts'
import { makeNamespace } from './make-namespace.ts'
import { makeDenyAll, makeWorkerPolicy } from './make-network-policy.ts'
import { makeResourceQuota } from './make-resource-quota.ts'
import { makeSecret } from './make-secret.ts'
import { makeService, makeWakingService } from './make-service.ts'
import { makeTaskRole, makeTaskRoleBinding } from './make-task-role.ts'
import { makeVolumeClaim } from './make-volume-claim.ts'
import { makeWorker } from './make-worker.ts'
import { odooConf } from './odoo-conf.ts'
import { workerProcesses } from './odoo-container.ts'
import type { Parameters } from './parameters.ts'
import { isFinished, jobUnlessDone, makeStep, type Observed, type Step } from './step.ts'
import { taskArgs } from './task-args.ts'
import { poolSize } from './tiers.ts'
import { workersReady } from './workers-ready.ts'

/**
 * A pool belongs to a registered runtime and stands in no store: this is what the loop is given in a resource's place.
 * It has no status to remember anything in, so the pool's own objects are its memory.
 */
export interface Pool extends KubeObject {
  readonly kind: 'Pool'
  readonly spec: { readonly odooVersion: OdooMajor }
}

export function makePool(major: OdooMajor): Pool {
  const name = poolNames(major).namespace
  return { apiVersion, kind: 'Pool', metadata: { name }, spec: { odooVersion: major } }
}

export type PoolInput = ComposeInput<Pool, Parameters>

const conf = odooConf({ databaseConnections: 64 })
const maxReplicas = 4

/** The shared workers of one Odoo major: `plana-odoo-18/worker-odoo` and what they stand on. */
export function composePool(input: PoolInput): ComposeOutput {
  const { observed, required } = input
  const major = input.resource.spec.odooVersion
  const { namespace, role } = poolNames(major)
  const workers = { deployment: observed.worker, pods: required.workers ?? [] }
  const conditions = [roleReady(role, observed), workersReady(input.resource, workers)]
  return {
    objects: poolObjects(input),
    status: { namespace, odooVersion: major },
    conditions,
    ready: readinessOf(conditions),
    events: [],
    requires: {
      workers: { apiVersion: 'v1', kind: 'Pod', namespace, labels: poolSelector() },
    },
  }
}

function poolObjects(input: PoolInput): Composed {
  const { resource, observed } = input
  const labels = poolLabels(resource.spec.odooVersion)
  const namespace = { namespace: makeNamespace(resource.metadata.name, labels) }
  if (Object.keys(observed).length === 0) return namespace
  const owner = rememberingPool(input)
  return {
    ...namespace,
    ...foundation(input),
    ...jobUnlessDone(roleStep(input, owner), owner, observed),
    ...workers(input),
  }
}

/** What stands before the first worker runs. */
function foundation({ resource, observed, parameters }: PoolInput): Composed {
  const major = resource.spec.odooVersion
  const { namespace, databaseSecret, service, deployment } = poolNames(major)
  const labels = poolLabels(major)
  const place = (name: string) => ({ name, namespace, labels })
  const selector = poolSelector()
  return {
    'deny-all': makeDenyAll(namespace, labels),
    policy: makeWorkerPolicy({ ...place(fixedNames.poolPolicy), selector }, parameters),
    // One more than the most: while a new version starts, the old one still serves.
    quota: makeResourceQuota(place(fixedNames.poolQuota), {
      size: poolSize,
      pods: maxReplicas + 1,
      volumeClaims: 1,
    }),
    filestore: makeVolumeClaim({
      ...place(fixedNames.filestore),
      size: poolSize.filestore,
      protect: true,
      parameters,
      observed: observed.filestore,
    }),
    config: makeConfigMap(place(fixedNames.config), { 'odoo.conf': conf }),
    'database-secret': makeSecret(place(databaseSecret)),
    'backend-secret': makeSecret(place(backendSecret.name)),
    'task-role': makeTaskRole(place(fixedNames.poolRole), {
      secrets: [databaseSecret, backendSecret.name],
      configMaps: [],
    }),
    'task-role-binding': makeTaskRoleBinding(place(fixedNames.poolRole), parameters),
    'waking-service': makeWakingService(namespace, labels, parameters),
    service: makeService({
      ...place(service),
      selector,
      workers: workerProcesses(parameters, poolSize),
      parameters,
    }),
    ...(parameters.platform === 'kubernetes'
      ? { autoscaler: makeAutoscaler(place(deployment), { maxReplicas }) }
      : {}),
  }
}

/** The role of the pool in PostgreSQL; a filled Secret is the record that it was made. */
function roleStep({ resource, parameters }: PoolInput, owner: KubeObject): Step {
  const major = resource.spec.odooVersion
  const { namespace, role, databaseSecret } = poolNames(major)
  const { host, port } = parameters.postgres
  return makeStep(owner, {
    name: 'pool-role',
    label: namespace,
    args: taskArgs['pool-role']({
      major,
      role,
      namespace,
      databaseSecret,
      postgresHost: host,
      postgresPort: port,
    }),
    once: true,
    labels: poolLabels(major),
    parameters,
  })
}

/**
 * The pool with what its objects remember: that the Secret was filled, by a Job that has come to its end, and a retry
 * asked for on the namespace.
 */
function rememberingPool({ resource, observed }: PoolInput): KubeObject {
  const annotations = observed.namespace?.metadata.annotations ?? {}
  const isAtWork = Object.values(observed).some((object) => {
    return object.kind === 'Job' && !isFinished(object)
  })
  const isRecorded = hasRole(observed) && !isAtWork
  return {
    ...resource,
    metadata: { ...resource.metadata, annotations },
    status: { steps: isRecorded ? { 'pool-role': { inputsHash: '' } } : {} },
  }
}

function hasRole(observed: Observed): boolean {
  const { PGPASSWORD } = recordOf(observed['database-secret']?.data)
  return typeof PGPASSWORD === 'string' && PGPASSWORD !== ''
}

function roleReady(role: string, observed: Observed) {
  if (hasRole(observed)) {
    return makeCondition('DatabaseReady', 'True', { reason: 'RoleMade', message: `role ${role}` })
  }
  const message = `role ${role} is being made`
  return makeCondition('DatabaseReady', 'False', { reason: 'RoleMissing', message })
}

/** Without their role and volume the workers would crash in a loop, and tenants take them for a pool. */
function workers({ resource, observed, parameters }: PoolInput): Composed {
  const major = resource.spec.odooVersion
  const { namespace, deployment, databaseSecret } = poolNames(major)
  const labels = poolLabels(major)
  const hasVolume =
    parameters.platform === 'kubernetes' || statusOf(observed.filestore).phase === 'Bound'
  if (observed.worker === undefined && !(hasRole(observed) && hasVolume)) return {}

  const worker = makeWorker({
    name: deployment,
    namespace,
    labels,
    selector: poolSelector(),
    podLabels: labels,
    major,
    unit: resource.metadata.name,
    size: poolSize,
    databaseSecret,
    addons: false,
    conf,
    parameters,
  })
  return { worker }
}
