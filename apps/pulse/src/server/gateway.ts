import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import type { Domains, Log } from '@pulse/api'
import type { Clock, EventRecorder } from '@pulse/engine'
import {
  createGateway,
  type Gateway,
  type GatewayLimits,
  type GatewayOptions,
  type LifeLimits,
  type LifeState,
  type ParkedLimits,
  type ScheduleLimits,
  type Clock as Timers,
} from '@pulse/gateway'
import {
  createBusPositions,
  createParkedBus,
  createTenantReader,
  type ServerConnection,
  type TenantReader,
} from '@pulse/odoo'
import type { Metrics } from '@pulse/service'
import { keepFigures, readFigures } from '../figures/figures-file.ts'
import { createLifeFigures, type LifeFigures } from '../figures/life-figures.ts'
import { createVisits, type Visits } from '../figures/visits.ts'
import type { GatewayObjects } from '../routing/deployment-lives.ts'
import type { RoutingTable } from '../routing/routing-table.ts'
import { type Admission, type AdmissionDeps, openAdmission } from './admission.ts'
import { type ElectedSchedules, keepElectedSchedules } from './elected-schedules.ts'
import { readReaderPassword } from './reader-password.ts'
import { gaugeLives, type LifeRecorder, recordLives } from './record-lives.ts'
import { recordRequests } from './record-requests.ts'
import { followRoutedResources } from './routed-resources.ts'

export interface GatewayDeps {
  readonly objects: GatewayObjects
  readonly events: EventRecorder
  /** File of figures, so that they outlive a restart. */
  readonly figuresPath?: string
  readonly domains: Domains
  /**
   * Where it reads in tenants' databases how far their buses have come, and their schedules; without it a first
   * subscription is taken up from the last seconds, and this gateway wakes nobody for schedules.
   */
  readonly postgres?: ServerConnection
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
  readonly table: Pick<RoutingTable, 'all' | 'known'>
  readonly visits: Pick<Visits, 'of'>
  /** Whether somebody is served at this host, in its one spelling. */
  isKnown(host: string): boolean
}

/** The gateway over the resources; resolves when it knows every route. */
export async function openGateway(given: GatewayDeps): Promise<OpenGateway> {
  const tenants = openTenants(given)
  const deps = { ...given, tenants, log: given.log.child({ part: 'gateway' }), name: gatewayName() }
  const { figuresPath, log } = deps
  let schedules: ElectedSchedules | undefined
  let forget = (_environment: string) => {}
  const { table, waker, leases } = await followRoutedResources({
    ...deps,
    wakesPerHour: deps.admission?.config.gatewayTenantWakes,
    onOwn: (object) => schedules?.note(object),
    onAnother: (environment) => forget(environment),
  })
  const { figures, recorder } = await openFigures(deps, table)
  const admission = deps.admission && (await openAdmission(deps.admission, { ...deps, table }))
  const visits = createVisits(() => deps.clock.now().getTime())
  const gateway = createGateway({
    ...settingsOf(deps, admission),
    routes: table,
    waker,
    ...hooksOf({ ...deps, visits }, recorder, (environment, state) => {
      if (state === 'starting') admission?.started(environment)
      schedules?.onState(environment, state)
    }),
  })
  forget = (environment) => {
    gateway.forget(environment)
    admission?.forget(environment)
    recorder.forget(environment)
    visits.forget(environment)
  }
  gaugeLives(deps.metrics, figures, gateway)
  const file = figuresPath && keepFigures(figuresPath, { figures, log })
  if (tenants !== undefined) {
    const { schedules: limits = {} } = deps
    schedules = keepElectedSchedules({ ...deps, ...tenants, limits, lives: gateway.lives, table })
  }
  return {
    ...gateway,
    figures,
    table,
    visits,
    isKnown: (host) => table.find(host) !== undefined,
    async close() {
      await schedules?.close()
      await gateway.close()
      if (file) await file.close()
      await leases.close()
    },
  }
}

/** Where tenants' databases are, and who reads in them: one reader for whoever asks in this process. */
interface Tenants {
  readonly admin: ServerConnection['admin']
  readonly reader: TenantReader
}

function openTenants({ postgres, objects }: GatewayDeps): Tenants | undefined {
  if (postgres === undefined) return undefined
  const password = () => readReaderPassword(objects)
  return { admin: postgres.admin, reader: createTenantReader({ ...postgres, password }) }
}

interface Named extends GatewayDeps {
  readonly tenants: Tenants | undefined
  /** Unlike that of any other gateway on this store. */
  readonly name: string
}

function settingsOf(deps: Named, admission: Admission | undefined) {
  const { name, limits, life, timers, log } = deps
  return {
    ...{ name, limits, life, log },
    ...(timers && { clock: timers }),
    ...(admission && { admission: admission.settings }),
    parked: {
      protocol: parkedBus(deps.tenants),
      ...(deps.parked && { limits: deps.parked }),
    },
  }
}

/** Everything that happens at the door and to its tenants is recorded; of states somebody else hears too. */
function hooksOf(
  { metrics, log, visits }: Named & { readonly visits: Visits },
  { hooks }: LifeRecorder,
  onState: (environment: string, state: LifeState) => void,
) {
  const recordRequest = recordRequests(metrics, log)
  return {
    ...hooks,
    onStalled: () => metrics.record('pulse_gateway_stalled_clients_total', 1),
    onRequest(facts) {
      recordRequest(facts)
      if (facts.environment !== undefined) visits.note(facts.environment)
      hooks.onRequest(facts)
    },
    onState(environment, state) {
      hooks.onState(environment, state)
      onState(environment, state)
    },
  } satisfies Partial<GatewayOptions>
}

/** A DNS label, unlike that of any gateway before or beside it: a container that starts anew has host and pid again. */
function gatewayName(): string {
  const host = hostname()
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 30)
  return `gateway-${host}-${process.pid}-${randomBytes(4).toString('hex')}`.replaceAll(/-+/g, '-')
}

function parkedBus(tenants: Tenants | undefined) {
  return createParkedBus({
    now: () => performance.now(),
    ...(tenants && { readPosition: createBusPositions(tenants.reader) }),
  })
}

/** How tenants sleep and wake, counted from where the last start left off. */
async function openFigures(deps: Named, table: RoutingTable) {
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
  return { figures, recorder: recordLives({ ...deps, figures, isInstance, isDown }) }
}
