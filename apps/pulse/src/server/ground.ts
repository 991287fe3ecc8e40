import { createKinds, type KindRegistry, type Log } from '@pulse/api'
import {
  type Clock,
  createEventRecorder,
  createPostgresObjects,
  type EventRecorder,
  type Store,
  systemClock,
} from '@pulse/engine'
import {
  type Administration,
  createAdministration,
  openPostgres,
  type Postgres,
  prepareServer,
} from '@pulse/odoo'
import { createMetrics, type Metrics } from '@pulse/service'
import type { PulseConfig } from '../config.ts'
import { type Identity, openIdentity } from '../installation/identity.ts'
import { takeLockWithin } from '../installation/lock.ts'
import { type Machine, openMachine } from '../installation/machine.ts'
import { openStateDirectory, type StateDirectory } from '../installation/state-directory.ts'
import { gaugeLoopDelay } from './loop-delay.ts'
import { machineMetricDefinitions } from './machine-metrics.ts'
import { metricDefinitions } from './metrics.ts'
import { kindOptions } from './parameters.ts'
import { storeConnection } from './store-connection.ts'

/** What every other part stands on: the state directory, PostgreSQL and the resources in it. */
export interface Ground {
  readonly config: PulseConfig
  readonly state: StateDirectory
  readonly identity: Identity
  readonly machine: Machine
  readonly postgres: Postgres
  readonly administration: Administration
  readonly registry: KindRegistry
  readonly objects: Store
  readonly events: EventRecorder
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  /** Aborted when the server stops. */
  readonly signal: AbortSignal
}

export interface GroundOptions {
  readonly config: PulseConfig
  readonly log: Log
  readonly signal: AbortSignal
  readonly onStep: (text: string) => void
  /** Whether PostgreSQL is left running at the end; undefined when the start failed: then it is left as it was found. */
  readonly keepsPostgres: () => boolean | undefined
  /** Told what people must see while Pulse runs. */
  readonly onNotice: (text: string) => void
}

const postgresNotices = {
  down: 'PostgreSQL died; it is being started again',
  up: 'PostgreSQL runs again',
}

/** Opens the ground; what is to be closed again goes on the stack, last opened first. */
export async function openGround(
  { config, log, signal, onStep, keepsPostgres, onNotice }: GroundOptions,
  stack: AsyncDisposableStack,
): Promise<Ground> {
  const clock = systemClock
  const metrics = await createMetrics([...metricDefinitions, ...machineMetricDefinitions])
  gaugeLoopDelay(metrics)

  // One server a state directory: two would run each tenant twice.
  const state = await openStateDirectory(config.stateDir)
  stack.defer(await takeLockWithin(state.paths.lock, 2))
  const identity = await openIdentity(state, clock.now())
  const machine = await openMachine(state)

  // PostgreSQL is the truth; nothing starts before it.
  onStep('starting PostgreSQL')
  const postgres = await openPostgres({
    stateDir: state.root,
    url: config.databaseUrl,
    listenAddress: machine.postgresAddress,
    port: machine.record.postgresPort,
    log: log.child({ part: 'postgres' }),
    signal,
  })
  stack.defer(async () => {
    if (!(keepsPostgres() ?? postgres.adopted)) await postgres.stop()
  })
  const closing = new AbortController()
  const kept = postgres.keepRunning({
    signal: closing.signal,
    onChange: (state) => onNotice(postgresNotices[state]),
  })
  stack.defer(() => {
    closing.abort()
    return kept
  })
  const administration = createAdministration(postgres)
  await prepareServer(administration, signal)

  // The resources, and who speaks about them.
  onStep('opening the resources')
  const registry = await createKinds(kindOptions(config))
  const objects = await createPostgresObjects({
    connection: storeConnection(postgres.admin, administration.registerDatabase),
    kinds: registry.findKind,
    log: log.child({ part: 'store' }),
    onWrite: (seconds) => metrics.record('pulse_store_write_duration_seconds', seconds),
  })
  stack.defer(() => objects.close())
  const events = createEventRecorder({ objects, log, clock, component: 'pulse-engine' })
  const opened = { config, state, identity, machine, postgres, administration, registry }
  return { ...opened, objects, events, clock, log, metrics, signal }
}
