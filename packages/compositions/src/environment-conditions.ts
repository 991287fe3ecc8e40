import { type Condition, isOfStandIn, type Readiness, recordOf } from '@pulse/api'
import { claimStep, isClaimed } from './claim-step.ts'
import { makeCondition, statusOf } from './condition.ts'
import { foreignTemplate } from './foreign-template.ts'
import { forked } from './forked.ts'
import { stepState } from './step.ts'
import { hasRuntime, type Tenancy } from './tenancy.ts'
import { workersReady } from './workers-ready.ts'

/** What Ready waits for, one condition each; those that only inform say what is, and hold nothing up. */
export function environmentConditions(tenancy: Tenancy): readonly Condition[] {
  const starts = forked(tenancy)
  const settings = settingsApplied(tenancy)
  return [
    databaseReady(tenancy),
    filestoreReady(tenancy),
    ofWorkers(tenancy),
    routeReady(tenancy),
    isolated(tenancy),
    ...(starts === undefined ? [] : [starts]),
    ...(settings === undefined ? [] : [settings]),
  ]
}

/** Of an environment and of its client: told where something of the settings could not be done as it was asked. */
export const settingsCondition = 'SettingsApplied'
/** Types of conditions that only inform: they hold nothing up. */
export const informing: readonly string[] = ['Isolated', 'Forked', settingsCondition]

/** Nothing of this passes by itself: whoever asks why it is not ready is told what to do. */
const stuckReasons = [
  'RuntimeMissing',
  'MadeByStandIn',
  'ClaimFailed',
  'BuildFailed',
  'TemplateFailed',
  'TemplateMadeByStandIn',
]

/** Tried again and again, of which some only ends when somebody does something. */
const retriedReasons = ['ClaimRetries', 'CrashLoopBackOff', 'ErrImagePull']

/** `Ready` has this reason itself when nothing but a new tenant mends it: then nobody needs to wait. */
export const lostReason = 'MadeByStandIn'

/** Ready when all that it waits for are true; else says which are waited for, and why. */
export function readinessOf(conditions: readonly Condition[]): Readiness {
  const waited = conditions.filter(
    ({ type, status }) => !informing.includes(type) && status !== 'True',
  )
  if (waited.length === 0) return { ready: true }
  const told = [stuckReasons, retriedReasons]
    .map((reasons) => waited.find(({ reason = '' }) => reasons.includes(reason)))
    .find((condition) => condition?.message !== undefined)
  if (told?.message !== undefined) {
    const { reason, message } = told
    return { ready: false, ...(reason === lostReason ? { reason } : {}), message }
  }
  const reasons = waited.map(({ type, reason }) => `${type} (${reason})`)
  return { ready: false, message: `waits for ${reasons.join(', ')}` }
}

function databaseReady(tenancy: Tenancy): Condition {
  const condition = (status: 'True' | 'False', reason: string, message: string) =>
    makeCondition('DatabaseReady', status, { reason, message })
  const { environment, names, observed } = tenancy
  const state = stepState(claimStep(tenancy), environment, observed)
  const foreign = foreignTemplate(tenancy)
  switch (state.phase) {
    case 'recorded':
    case 'succeeded':
      return condition('True', 'Claimed', `database ${names.database}`)
    case 'running': {
      if (foreign !== undefined) return condition('False', foreign.reason, foreign.message)
      const failure = reasonOfTask(tenancy)
      return failure === undefined
        ? condition('False', 'Claiming', `database ${names.database} is being made`)
        : condition('False', 'ClaimRetries', `${failure}; it is tried again`)
    }
    case 'failed':
      return condition('False', 'ClaimFailed', reasonOfTask(tenancy) ?? state.message)
    case 'wanted':
      break
  }
  const missing = missingRuntime(tenancy)
  if (missing !== undefined) return condition('False', missing.reason, missing.message)
  if (foreign !== undefined) return condition('False', foreign.reason, foreign.message)
  return condition('False', 'Waiting', `database ${names.database} waits for its place`)
}

/** What the claim could not do as it was asked, and did otherwise. */
function settingsApplied({ observed }: Tenancy): Condition | undefined {
  const { note } = recordOf(observed.facts?.data)
  if (typeof note !== 'string' || note === '') return undefined
  return makeCondition(settingsCondition, 'False', { reason: 'NotInTemplate', message: note })
}

/** A task that gives up leaves the reason in the facts: a Job only knows that it was tried often enough. */
function reasonOfTask({ observed }: Tenancy): string | undefined {
  const { error } = recordOf(observed.facts?.data)
  return typeof error === 'string' && error !== '' ? error : undefined
}

function filestoreReady(tenancy: Tenancy): Condition {
  const condition = (status: 'True' | 'False', reason: string, message: string) =>
    makeCondition('FilestoreReady', status, { reason, message })
  const { environment, names, observed } = tenancy
  if (isClaimed(tenancy)) return condition('True', 'Linked', `filestore ${names.filestore}`)
  const ownVolume = environment.spec.hosting === 'instance'
  if (ownVolume && statusOf(observed.filestore).phase !== 'Bound') {
    return condition('False', 'VolumePending', 'the volume is not bound')
  }
  return condition('False', 'Waiting', 'made together with the database')
}

function ofWorkers(tenancy: Tenancy): Condition {
  const missing = missingRuntime(tenancy)
  if (missing !== undefined) return makeCondition('WorkersReady', 'False', missing)
  if (isStrandedByStandIn(tenancy)) {
    const message =
      'the stand-in made this database and Odoo cannot open it: delete the tenant and create it again'
    return makeCondition('WorkersReady', 'False', { reason: lostReason, message })
  }
  return workersReady(tenancy.environment, tenancy.workers)
}

/** What the stand-in has installed is a login page with a few tables, told by the version of its base. */
function isStrandedByStandIn({ environment, observed, parameters }: Tenancy): boolean {
  const { odooVersion } = recordOf(observed.facts?.data)
  return (
    isOfStandIn(odooVersion) && !parameters.standInMajors?.includes(environment.spec.odooVersion)
  )
}

/** No way to run this Odoo, with the way to get one. */
function missingRuntime(tenancy: Tenancy): { reason: string; message: string } | undefined {
  const { environment, names, workers, parameters } = tenancy
  const major = environment.spec.odooVersion
  if (!hasRuntime(tenancy)) {
    const remedy =
      parameters.platform === 'machine'
        ? `pulse runtime install ${major}, or pulse runtime add ${major} --path DIR`
        : `apply the manifests of ${names.namespace} and add ${major} to the majors`
    return { reason: 'RuntimeMissing', message: `no runtime for Odoo ${major}: ${remedy}` }
  }
  if (environment.spec.hosting === 'instance' || workers.deployment !== undefined) return undefined
  const deployment = `${names.namespace}/${names.deployment}`
  return { reason: 'PoolMissing', message: `waits for the pool's workers, ${deployment}` }
}

function routeReady(tenancy: Tenancy): Condition {
  const condition = (status: 'True' | 'False', reason: string, message: string) =>
    makeCondition('RouteReady', status, { reason, message })
  const { client, names, observed } = tenancy
  const pending = ['route', 'aliases'].find((key) => key in observed && !isAccepted(tenancy, key))
  if (pending !== undefined) {
    const { name } = observed[pending]?.metadata ?? {}
    return condition('False', 'WaitingForGateway', `HTTPRoute ${name} is not accepted yet`)
  }
  const { status } = client.spec
  if (status === 'suspended') {
    return condition('True', 'Suspended', `${names.hostname} answers that it is suspended`)
  }
  if (status === 'disabled') {
    return condition('True', 'Disabled', `${names.hostname} answers that it is disabled`)
  }
  return condition('True', 'Routed', names.hostname)
}

/** A Gateway writes its verdict under the name of each parent. */
function isAccepted({ observed }: Tenancy, key: string): boolean {
  const { parents } = statusOf(observed[key])
  if (!Array.isArray(parents)) return false
  return parents.some((parent) => {
    const { conditions } = recordOf(parent)
    if (!Array.isArray(conditions)) return false
    return conditions
      .map(recordOf)
      .some(({ type, status }) => type === 'Accepted' && status === 'True')
  })
}

function isolated(tenancy: Tenancy): Condition {
  const condition = (status: 'True' | 'False', reason: string, message: string) =>
    makeCondition('Isolated', status, { reason, message })
  const { environment, observed, parameters } = tenancy
  if (parameters.isolation === 'shared-user') {
    const message = 'all tenants run as one system user: start Pulse as root to keep them apart'
    return condition('False', 'SharedUser', message)
  }
  if (parameters.isolation === 'no-firewall') {
    const message =
      'tenants reach each other on loopback: install nftables (apt-get install nftables) and start Pulse again'
    return condition('False', 'NoNftables', message)
  }
  if (environment.spec.hosting === 'pool') {
    const message = 'own database and filestore; the workers are shared by its Odoo major'
    return condition('False', 'SharedWorkers', message)
  }
  if (observed['deny-all'] === undefined || observed.policy === undefined) {
    return condition('False', 'Waiting', 'waits for its network policies')
  }
  return condition('True', 'OwnNamespace', 'own namespace, workers, database role and policies')
}
