import { entitlements, type KubeObject, type Log } from '@pulse/api'
import {
  createScheduler,
  defaultScheduleLimits,
  type LifeState,
  type Lives,
  leavesBy,
  type RunSchedules,
  type ScheduleFact,
  type ScheduleLimits,
  type Scheduler,
  wallClock,
} from '@pulse/gateway'
import {
  createDatabaseCalendar,
  createPlanaCron,
  listenForCronTriggers,
  type ServerConnection,
  type TenantReader,
} from '@pulse/odoo'
import type { Metrics } from '@pulse/service'
import type { Term } from '../leases/terms.ts'
import type { RoutingTable } from '../routing/routing-table.ts'

export interface SchedulesOptions {
  /** Listens for what Odoo notifies. */
  readonly admin: ServerConnection['admin']
  readonly reader: TenantReader
  readonly lives: Lives
  readonly table: RoutingTable
  readonly metrics: Metrics
  readonly log: Log
  /** Absent ones are the gateway's own. */
  readonly limits?: Partial<ScheduleLimits>
  /** As long as it lasts they are kept, and no longer. */
  readonly term: Term
}

/** The schedules of all environments, kept while these sleep. */
export interface Schedules {
  /** An environment came, changed or went. */
  note(object: KubeObject): void
  onState(environment: string, state: LifeState): void
}

export function keepSchedules(options: SchedulesOptions): Schedules {
  const { admin, lives, table, metrics, log, term } = options
  const { signal } = term
  const calendar = createDatabaseCalendar(options.reader)
  const runner = createRunner(lives, table)
  const scheduler = createScheduler({
    clock: wallClock,
    limits: { ...defaultScheduleLimits, ...options.limits },
    calendar: {
      async read(name, stop) {
        term.check()
        const database = table.known(name)?.environment.names.database
        if (database === undefined) return undefined
        return await calendar.read(database, { now: Date.now(), signal: stop })
      },
    },
    async wake(name, stop) {
      term.check()
      const outcome = await lives.wake(name, 'schedule', stop)
      if (outcome !== 'awake') throw new Error(`cannot wake ${name}: ${outcome}`)
    },
    // Schedules have the time that people have, lives one that never goes back.
    keepAwake: (name, until) => lives.keepAwake(name, lives.now() + until - wallClock.now()),
    runner: {
      async run(name, stop) {
        term.check()
        return await runner.run(name, stop)
      },
    },
    tell: recordSchedules(metrics, log),
  })
  signal.addEventListener('abort', () => scheduler.close(), { once: true })
  for (const name of table.all()) track(scheduler, { table, lives, name })
  void listenForCronTriggers({
    admin,
    log,
    signal,
    onDatabase(database) {
      const environment = table.find(database)?.environment
      if (environment !== undefined) scheduler.hint(environment)
    },
    onListening: () => scheduler.hintAll(),
  })
  return {
    note({ kind, metadata: { name } }) {
      const names = kind === 'PLANAClient' ? table.ofClient(name) : [name]
      for (const one of names) track(scheduler, { table, lives, name: one })
    },
    onState(environment, state) {
      if (state === 'asleep') scheduler.slept(environment)
      if (state === 'awake') scheduler.woke(environment)
    },
  }
}

/** Who is served has schedules; who is suspended, disabled or still being made has none. */
function track(
  scheduler: Scheduler,
  { table, lives, name }: Pick<SchedulesOptions, 'table' | 'lives'> & { readonly name: string },
) {
  const environment = table.known(name)?.environment
  if (environment?.route.state.phase !== 'serving') return scheduler.forget(name)
  scheduler.know({
    name,
    isAwake: lives.state(name) === 'awake',
    minimumIntervalMs: entitlements[environment.tier].scheduleIntervalSeconds * 1000,
  })
}

/** Runs them as a request among others, so that nothing puts their environment to sleep meanwhile. */
function createRunner(lives: Lives, table: RoutingTable): RunSchedules {
  return {
    async run(name, signal) {
      const database = table.known(name)?.environment.names.database
      const wanted = {
        bytes: 0,
        since: lives.now(),
        cause: 'schedule',
        onLeft: leavesBy(signal),
      } as const
      const turn = await lives.turn(name, wanted)
      if (turn.type !== 'go') throw new Error(`${name} is not served: ${turn.because}`)
      if (database === undefined) throw new Error(`${name} is no more`)
      try {
        const { address, httpPort, control } = turn.backend
        return await createPlanaCron(() => ({
          origin: `http://${address}:${httpPort}`,
          headers: signedBy(control),
          database,
        })).run(name, signal)
      } finally {
        turn.life.finish(turn, false)
      }
    },
  }
}

function signedBy(control: string | undefined): Record<string, string> {
  return control === undefined ? {} : { 'X-Pulse-Backend': control }
}

function recordSchedules(metrics: Metrics, log: Log): (fact: ScheduleFact) => void {
  return (fact) => {
    metrics.record('pulse_gateway_schedules_total', 1, { event: fact.type })
    if (fact.type === 'ran') {
      metrics.record('pulse_gateway_schedule_delay_seconds', Math.max(0, fact.lateMs) / 1000)
    }
    if (fact.type !== 'failed') return log.debug({ ...fact }, 'schedule')
    const { environment, step, error } = fact
    log.warn({ environment, step, err: error }, 'a schedule is tried again')
  }
}
