import { hostname } from 'node:os'
import { apiVersion, type Domains, type Log } from '@pulse/api'
import { type Clock, type EventRecorder, followKind, type Objects } from '@pulse/engine'
import {
  createGateway,
  type Gateway,
  type GatewayLimits,
  type LifeLimits,
  type ParkedLimits,
  type ScheduleLimits,
  systemClock,
  type Clock as Timers,
} from '@pulse/gateway'
import {
  type Administration,
  type CalendarServer,
  createBusPositions,
  createParkedBus,
} from '@pulse/odoo'
import type { Metrics } from '@pulse/service'
import { keepFigures, readFigures } from '../figures/figures-file.ts'
import { createLifeFigures, type LifeFigures } from '../figures/life-figures.ts'
import { leaseKind } from '../leases/lease.ts'
import { createBackendIdentities } from '../routing/backend-identities.ts'
import { createGatewayLeases } from '../routing/gateway-leases.ts'
import { createOwnDatabases } from '../routing/own-database.ts'
import { createRoutingTable, type RoutingTable } from '../routing/routing-table.ts'
import { createWaker, type ResourceWaker } from '../routing/waker.ts'
import { type AdmissionDeps, openAdmission } from './admission.ts'
import { type ElectedSchedules, keepElectedSchedules } from './elected-schedules.ts'
import { gatewayNamespace } from './parameters.ts'
import { gaugeLives, recordLives } from './record-lives.ts'
import { recordRequests } from './record-requests.ts'

const routedKinds = [
  { apiVersion, kind: 'PLANAClient' },
  { apiVersion, kind: 'TenantEnvironment' },
  { apiVersion: 'apps/v1', kind: 'Deployment' },
  { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' },
  leaseKind,
] as const

export interface GatewayDeps {
  readonly objects: Objects
  readonly events: EventRecorder
  /** File of figures, so that they outlive a restart. */
  readonly figuresPath?: string
  readonly domains: Domains
  /** Asked how far a tenant's bus has come; without, a first subscription is taken up from the last seconds. */
  readonly administration?: Administration
  readonly limits: Partial<GatewayLimits>
  readonly life: Partial<LifeLimits>
  /** Of WebSockets that stay open while their tenants sleep. */
  readonly parked?: Partial<ParkedLimits>
  /** Absent, it serves what passes through, and keeps nothing for later. */
  readonly admission?: AdmissionDeps
  /** How many requests one process of Odoo carries out at a time. */
  readonly concurrency: number
  /** A gateway that is silent for so long is no longer waited for. */
  readonly leaseSeconds: number
  /** Where schedules are read; without it this gateway wakes nobody for them. */
  readonly calendar?: CalendarServer
  readonly schedules?: Partial<ScheduleLimits>
  /** Of sweeps and deadlines; this machine's if absent. */
  readonly timers?: Timers
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly signal: AbortSignal
}

export interface OpenGateway extends Gateway {
  readonly figures: LifeFigures
  /** Whether somebody is served at this host, in its one spelling. */
  isKnown(host: string): boolean
}

/** The gateway over the resources; resolves when it knows every route. */
export async function openGateway(deps: GatewayDeps): Promise<OpenGateway> {
  const { domains, limits, metrics, administration, figuresPath } = deps
  const log = deps.log.child({ part: 'gateway' })
  const name = gatewayName()
  const leases = createGatewayLeases({
    ...deps,
    log,
    name,
    namespace: gatewayNamespace,
    durationSeconds: deps.leaseSeconds,
    clock: systemClock,
  })
  const table = createRoutingTable(domains)
  const identities = openIdentities(deps, log, (namespace) => tell(table.inNamespace(namespace)))
  let schedules: ElectedSchedules | undefined
  const wakesPerHour = deps.admission?.config.gatewayTenantWakes
  const { members } = leases
  const waker: ResourceWaker = createWaker({ ...deps, table, identities, wakesPerHour, members })
  const tell = (environments: Iterable<string>) => {
    for (const environment of environments) waker.tell(environment)
  }
  const databases = createOwnDatabases()
  let forget = (_environment: string) => {}
  const sources = routedKinds.map((kind) =>
    followKind(kind, {
      ...deps,
      log,
      random: Math.random,
      onChange(object, gone) {
        if (object.kind === 'Lease') leases.note(object, gone)
        else tell(table.note(object, gone))
        if (object.kind === 'Deployment' && gone) identities.forget(object.metadata.namespace ?? '')
        if (object.apiVersion === apiVersion) schedules?.note(object)
        if (databases.isAnother(object, gone)) forget(object.metadata.name)
      },
      onGap: () => tell(table.all()),
    }),
  )
  await Promise.all(sources.map(({ synced }) => synced))
  await leases.open()
  const { figures, recorded } = await openFigures(deps, table, log)
  const admission = deps.admission && (await openAdmission(deps.admission, { ...deps, table, log }))
  const recordRequest = recordRequests(metrics, log)
  const gateway = createGateway({
    name,
    routes: table,
    waker,
    limits,
    life: deps.life,
    ...(deps.timers && { clock: deps.timers }),
    ...(admission && { admission: admission.settings }),
    log,
    parked: {
      protocol: parkedBus(administration),
      ...(deps.parked && { limits: deps.parked }),
    },
    onStalled: () => metrics.record('pulse_gateway_stalled_clients_total', 1),
    ...recorded,
    onRequest(facts) {
      recordRequest(facts)
      recorded.onRequest(facts)
    },
    onState(environment, state) {
      if (state === 'starting') admission?.started(environment)
      recorded.onState(environment, state)
      schedules?.onState(environment, state)
    },
  })
  forget = (environment) => {
    gateway.forget(environment)
    admission?.forget(environment)
    recorded.forget(environment)
  }
  const { lives } = gateway
  gaugeLives(metrics, figures, gateway)
  const file = figuresPath && keepFigures(figuresPath, { figures, log })
  if (deps.calendar !== undefined) {
    const { calendar: server, schedules: limits = {} } = deps
    schedules = keepElectedSchedules({ ...deps, name, server, limits, lives, table, log })
  }
  return {
    ...gateway,
    figures,
    isKnown: (host) => table.find(host) !== undefined,
    async close() {
      await schedules?.close()
      await gateway.close()
      if (file) await file.close()
      await leases.close()
    },
  }
}

function openIdentities(
  { objects, signal }: Pick<GatewayDeps, 'objects' | 'signal'>,
  log: Log,
  tell: (namespace: string) => void,
) {
  return createBackendIdentities({
    readSecret: (namespace, name) =>
      objects.get({ apiVersion: 'v1', kind: 'Secret', namespace, name }),
    onKnown(namespace) {
      if (!signal.aborted) tell(namespace)
    },
    clock: systemClock,
    log,
  })
}

/** A DNS label, unlike that of any other gateway on this store. */
function gatewayName(): string {
  const host = hostname()
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
  return `${host}-${process.pid}`
}

function parkedBus(administration: Administration | undefined) {
  return createParkedBus({
    now: () => performance.now(),
    ...(administration && { readPosition: createBusPositions(administration) }),
  })
}

/** How tenants sleep and wake, counted from where the last start left off. */
async function openFigures(deps: GatewayDeps, table: RoutingTable, log: Log) {
  const { clock, figuresPath } = deps
  const isDown = (environment: string) => table.known(environment)?.workers?.record.state === 'down'
  const figures = createLifeFigures({
    now: () => clock.now().getTime(),
    isKnown: (environment) => table.known(environment) !== undefined,
    isDown,
    saved: figuresPath === undefined ? undefined : await readFigures(figuresPath),
  })
  const isInstance = (environment: string) =>
    table.known(environment)?.environment.isInstance === true
  return { figures, recorded: recordLives({ ...deps, figures, isInstance, isDown, log }) }
}
