import type { Clock } from '../clock.ts'
import { defaultScheduleLimits } from './schedule-limits.ts'
import { createScheduler, type ScheduleFact, type Scheduler } from './scheduler.ts'
import {
  createRandom,
  planOf,
  runDue,
  type SimulatedRun,
  type SimulatedTenant,
  wait,
} from './simulated-tenant.suite.ts'

const second = 1_000
const minute = 60 * second
const idleMs = 15 * minute

export interface SimulatedSite {
  readonly scheduler: Scheduler
  readonly tenants: ReadonlyMap<string, SimulatedTenant>
  readonly runs: readonly SimulatedRun[]
  /** How often the scheduler told this; a week has too much to tell to keep it all. */
  count(type: ScheduleFact['type']): number
  /** Wakes for schedules in which nothing with work ran. */
  readonly emptyWakes: readonly string[]
  /** A person comes: it wakes by itself and runs its own schedules as long as it is awake. */
  visit(name: string): void
  /** The gateway ends and another one starts. */
  restart(): void
}

/** Tenants that sleep, wake and run their actions as real ones do, around the scheduler that is shipped. */
export function createSite(
  clock: Clock,
  tenants: ReadonlyMap<string, SimulatedTenant>,
  seed: number,
): SimulatedSite {
  const random = createRandom(seed)
  const runs: SimulatedRun[] = []
  const counts = new Map<ScheduleFact['type'], number>()
  const emptyWakes: string[] = []
  const of = (name: string) => {
    const tenant = tenants.get(name)
    if (tenant === undefined) throw new Error(`nobody is called ${name}`)
    return tenant
  }

  function restWhenIdle(tenant: SimulatedTenant) {
    const at = Math.max(tenant.keepUntil, tenant.lastUse + idleMs)
    clock.after(at - clock.now(), () => {
      const isIdle = Math.max(tenant.keepUntil, tenant.lastUse + idleMs) <= clock.now()
      if (!isIdle || !tenant.isAwake || tenant.inFlight > 0) return
      tenant.isAwake = false
      const stay = tenant.stays.at(-1)
      if (stay !== undefined) stay.until = clock.now()
      scheduler.slept(tenant.name)
    })
  }

  /** Odoo's own cron looks every minute, and not before the first has passed. */
  function keepOwnCron(tenant: SimulatedTenant) {
    clock.after(minute, () => {
      if (!tenant.isAwake) return
      runs.push(...runDue(tenant, clock.now()))
      keepOwnCron(tenant)
    })
  }

  function begin(tenant: SimulatedTenant) {
    tenant.isAwake = true
    tenant.stays.push({ from: clock.now(), until: Number.POSITIVE_INFINITY })
    keepOwnCron(tenant)
  }

  const start = () =>
    createScheduler({
      clock,
      limits: defaultScheduleLimits,
      calendar: {
        async read(name) {
          // Most take no time worth simulating.
          if (random() < 0.2) await wait(clock, 5 + random() * 100)
          if (random() < 0.01) throw new Error('the connection was lost')
          return planOf(of(name), clock.now())
        },
      },
      async wake(name) {
        const tenant = of(name)
        if (planOf(tenant, clock.now()).dueSince === undefined) emptyWakes.push(name)
        tenant.scheduleWakes.push(clock.now())
        await wait(clock, 500 + random() * 1_500)
        if (!tenant.isAwake) begin(tenant)
        restWhenIdle(tenant)
      },
      runner: {
        async run(name) {
          const tenant = of(name)
          if (!tenant.isAwake) throw new Error('nothing runs there')
          const done = runDue(tenant, clock.now())
          runs.push(...done)
          tenant.inFlight += 1
          await wait(clock, 100 + random() * 2_000)
          tenant.inFlight -= 1
          restWhenIdle(tenant)
          return { jobs: done.length, nextAt: planOf(tenant, clock.now()).nextAt }
        },
      },
      keepAwake(name, until) {
        const tenant = of(name)
        tenant.keepUntil = Math.max(tenant.keepUntil, until)
        if (tenant.isAwake) restWhenIdle(tenant)
      },
      tell: ({ type }) => counts.set(type, (counts.get(type) ?? 0) + 1),
    })

  let scheduler = start()
  const know = () => {
    for (const { name, isAwake, minimumIntervalMs } of tenants.values()) {
      scheduler.know({ name, isAwake, minimumIntervalMs })
    }
  }
  know()

  return {
    get scheduler() {
      return scheduler
    },
    ...{ tenants, runs, emptyWakes },
    count: (type) => counts.get(type) ?? 0,
    visit(name) {
      const tenant = of(name)
      tenant.lastUse = clock.now()
      if (!tenant.isAwake) {
        begin(tenant)
        scheduler.woke(name)
      }
      restWhenIdle(tenant)
    },
    restart() {
      scheduler.close()
      scheduler = start()
      know()
    },
  }
}
