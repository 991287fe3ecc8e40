import { backendSecret } from '@pulse/api'
import { isClaimed } from './claim-step.ts'
import { statusOf } from './condition.ts'
import { aliasRoute, type Composed, claimJob, claimObjects } from './environment-objects.ts'
import { fixedNames } from './fixed-names.ts'
import { instanceSelector, workerLabels } from './labels.ts'
import { makeConfigMap } from './make-config-map.ts'
import { makeRouteToWorkers } from './make-http-route.ts'
import { makeLimitRange } from './make-limit-range.ts'
import { makeNamespace } from './make-namespace.ts'
import { makeDenyAll, makeWorkerPolicy } from './make-network-policy.ts'
import { makeResourceQuota } from './make-resource-quota.ts'
import { makeSecret } from './make-secret.ts'
import { makeService, makeWakingService } from './make-service.ts'
import { makeVolumeClaim } from './make-volume-claim.ts'
import { makeWorker } from './make-worker.ts'
import { odooConf } from './odoo-conf.ts'
import { workerProcesses } from './odoo-container.ts'
import { hasRuntime, isUnderWay, type Tenancy } from './tenancy.ts'

const conf = odooConf({ databaseConnections: 16 })

/** An environment with workers, namespace, quota and policies of its own (spec/platform.md, section 9). */
export function instanceObjects(tenancy: Tenancy): Composed {
  const { names, labels } = tenancy
  if (!hasRuntime(tenancy) && !isUnderWay(tenancy)) return {}
  const namespace = { namespace: makeNamespace(names.namespace, labels) }

  // The API refuses an object whose namespace is not there yet.
  if (!isUnderWay(tenancy)) return namespace
  return {
    ...namespace,
    // First what the claim waits for: objects are applied in this order.
    ...storage(tenancy),
    ...claimObjects(tenancy),
    ...claimJob(tenancy, hasFilestoreFolder(tenancy)),
    ...boundaries(tenancy),
    ...addresses(tenancy),
    ...aliasRoute(tenancy),
    ...worker(tenancy),
  }
}

function boundaries({ names, labels, size, parameters }: Tenancy): Composed {
  const { namespace, label } = names
  const place = (name: string) => ({ name, namespace, labels })
  const selector = instanceSelector(label)
  return {
    'deny-all': makeDenyAll(namespace, labels),
    policy: makeWorkerPolicy({ ...place(fixedNames.instancePolicy), selector }, parameters),
    // Twice the size: while a new version starts, the old one still serves.
    quota: makeResourceQuota(place(fixedNames.instanceQuota), { size, pods: 2, volumeClaims: 2 }),
    limits: makeLimitRange(place(fixedNames.instanceLimits), size),
  }
}

function storage({ names, labels, size, observed, parameters }: Tenancy): Composed {
  const place = (name: string) => ({ name, namespace: names.namespace, labels })
  return {
    filestore: makeVolumeClaim({
      ...place(fixedNames.filestore),
      size: size.filestore,
      protect: true,
      parameters,
      observed: observed.filestore,
    }),
    addons: makeVolumeClaim({
      ...place(fixedNames.addons),
      size: '1Gi',
      protect: false,
      parameters,
      observed: observed.addons,
    }),
    'database-secret': makeSecret(place(names.databaseSecret)),
    'backend-secret': makeSecret(place(backendSecret.name)),
    config: makeConfigMap(place(fixedNames.config), { 'odoo.conf': conf }),
  }
}

/** One machine's claim makes its folder in the volume's; a cluster's volume may wait for its first pod. */
function hasFilestoreFolder({ observed, parameters }: Tenancy): boolean {
  return parameters.platform === 'kubernetes' || statusOf(observed.filestore).phase === 'Bound'
}

/** The gateway's wildcard route serves what can sleep; what never does has a route of its own. */
function addresses(tenancy: Tenancy): Composed {
  const { client, names, labels, size, parameters } = tenancy
  const { namespace, label, service } = names
  const services = {
    service: makeService({
      name: service,
      namespace,
      labels,
      selector: instanceSelector(label),
      workers: workerProcesses(parameters, size),
      parameters,
    }),
    'waking-service': makeWakingService(namespace, labels, parameters),
  }
  if (client.spec.sleep.enabled || client.spec.status !== 'active') return services
  const route = makeRouteToWorkers({
    name: fixedNames.route,
    namespace,
    labels,
    canonicalHost: names.hostname,
    hostnames: [names.hostname],
    service,
    hasLongpolling: workerProcesses(parameters, size) > 0,
    parameters,
  })
  return { ...services, route }
}

/** Odoo exits at start when its database is missing, so it waits for the claim rather than crash in a loop. */
function worker(tenancy: Tenancy): Composed {
  const { environment, client, names, labels, size, observed, parameters } = tenancy
  if (!isClaimed(tenancy) && observed.worker === undefined) return {}
  const { label, namespace, database, hostname, databaseSecret } = names
  const deployment = makeWorker({
    name: names.deployment,
    namespace,
    labels,
    selector: instanceSelector(label),
    podLabels: workerLabels(environment, label),
    major: environment.spec.odooVersion,
    unit: environment.metadata.name,
    size,
    databaseSecret,
    serves: { database, hostname },
    addons: true,
    conf,
    ...(client.spec.tier === 'enterprise' ? { preferredTier: client.spec.tier } : {}),
    parameters,
  })
  return { worker: deployment }
}
