import {
  createScheduler,
  defaultScheduleLimits,
  type ScheduleFact,
  type Scheduler,
  wallClock,
} from '@pulse/gateway'
import {
  type CronBackend,
  createDatabaseCalendar,
  createPlanaCron,
  createTenantReader,
  listenForCronTriggers,
} from '@pulse/odoo'
import { parseConfig } from '@pulse/service'
import { testPostgres } from '@pulse/testing'
import { scheduleLimitsOf, scheduleSettings } from '../schedule-settings.ts'

export interface PoolSchedules extends AsyncDisposable {
  readonly scheduler: Scheduler
  readonly facts: readonly ScheduleFact[]
}

/** Told often enough for a test, by the setting that operators have. */
const limits = scheduleLimitsOf(
  parseConfig(scheduleSettings, { PLANA_SCHEDULES_NOTIFICATION_GAP_SECONDS: '0.5' }),
)

/** The scheduler as a pool's gateway has it: environments are named as their databases, and the pool is always up. */
export async function keepPoolSchedules(
  backend: () => Omit<CronBackend, 'database'>,
): Promise<PoolSchedules> {
  const { socketFolder, host, port, user } = testPostgres()
  const admin = { host: socketFolder, port, user }
  const calendar = createDatabaseCalendar(createTenantReader({ admin, tenant: { host, port } }))
  const facts: ScheduleFact[] = []
  const scheduler = createScheduler({
    clock: wallClock,
    limits: { ...defaultScheduleLimits, ...limits },
    calendar: {
      read: (environment, signal) => calendar.read(environment, { now: Date.now(), signal }),
    },
    wake: async () => {},
    keepAwake: () => undefined,
    runner: createPlanaCron((environment) => ({ ...backend(), database: environment })),
    tell: (fact) => facts.push(fact),
  })
  const stop = new AbortController()
  const listening = Promise.withResolvers<void>()
  const silent = () => undefined
  const log = { debug: silent, info: silent, warn: silent, error: silent, child: () => log }
  const ended = listenForCronTriggers({
    admin,
    log,
    signal: stop.signal,
    onDatabase: (database) => scheduler.hint(database),
    onListening() {
      scheduler.hintAll()
      listening.resolve()
    },
  })
  await listening.promise
  return {
    scheduler,
    facts,
    async [Symbol.asyncDispose]() {
      scheduler.close()
      stop.abort()
      await ended
    },
  }
}
