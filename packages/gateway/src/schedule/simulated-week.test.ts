import { expect, test } from 'vitest'
import { createManualClock } from '../manual-clock.suite.ts'
import { createSite } from './simulated-site.suite.ts'
import {
  allowedFrom,
  createRandom,
  owedAt,
  type SimulatedAction,
  type SimulatedTenant,
} from './simulated-tenant.suite.ts'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
const seed = 20_260_601

test('a week of a thousand tenants: nothing a schedule promised is lost, and nobody wakes for nothing', {
  timeout: 120_000,
}, async () => {
  const clock = createManualClock(Date.parse('2026-06-01T00:00:00Z'))
  const random = createRandom(seed)
  const begin = clock.now()
  const tenants = new Map(
    Array.from({ length: 1_000 }, (_, index) => {
      const tenant = makeTenant(`tenant-${index}`, index, { begin, random })
      return [tenant.name, tenant]
    }),
  )
  const site = createSite(clock, tenants, seed + 1)
  const names = [...tenants.keys()]
  const anyone = () => names[Math.floor(random() * names.length)] ?? ''

  // People come by day; mail falls due by itself at night; somebody sends notifications by the thousand.
  for (let at = 0; at < 7 * day; at += minute) {
    const isDay = (at % day) / hour >= 7
    clock.after(at, () => {
      if (isDay && random() < 0.7) site.visit(anyone())
      if (random() < 0.3) giveWork(tenants.get(anyone()), clock.now(), random)
    })
  }
  for (let at = 0; at < 10 * minute; at += 20) {
    clock.after(2 * day + 2 * hour - 5 * minute + at, () => site.scheduler.hint(anyone()))
  }
  clock.after(3 * day + 5 * hour, () => site.restart())

  await clock.advance(7 * day)
  const end = clock.now()
  site.scheduler.close()

  const earliest = (name: string, owed: number) => {
    const tenant = tenants.get(name)
    return tenant === undefined ? owed : allowedFrom(tenant, owed, minute)
  }
  const late = site.runs
    .map((run) => ({ ...run, lateMs: run.at - earliest(run.tenant, run.owedAt) }))
    .filter(({ lateMs }) => lateMs > minute)
  const overdue = [...tenants.values()].flatMap((tenant) =>
    tenant.actions
      .filter((action) => end - earliest(tenant.name, owedAt(action)) > minute)
      .map(({ name }) => `${tenant.name} ${name}`),
  )
  const told = (['woke', 'read', 'heldBack', 'failed', 'gone'] as const).map((type) => [
    type,
    site.count(type),
  ])
  console.info({ runs: site.runs.length, ...Object.fromEntries(told) })
  expect(late).toEqual([])
  expect(overdue).toEqual([])
  expect(site.emptyWakes).toEqual([])
  expect(site.count('gone')).toBe(0)
})

/** What every Odoo has, at times of its own, and for some tenants more. */
function makeTenant(
  name: string,
  index: number,
  { begin, random }: { readonly begin: number; readonly random: () => number },
): SimulatedTenant {
  const installed = begin + Math.floor(random() * day)
  const checked = (title: string, intervalMs: number, nextcall = installed): SimulatedAction => ({
    name: title,
    intervalMs,
    nextcall: nextcall + Math.floor(random() * 20 * second),
    work: { since: undefined },
  })
  const unknown = (title: string, intervalMs: number, nextcall = installed): SimulatedAction => ({
    ...checked(title, intervalMs, nextcall),
    work: undefined,
  })
  return {
    name,
    minimumIntervalMs: index % 2 === 0 ? 15 * minute : 0,
    actions: [
      checked('mail queue', hour),
      checked('messages', hour),
      checked('text messages', hour),
      checked('digest', day),
      checked('bookings', day, begin + 2 * hour),
      unknown('stock', day),
      unknown('own nightly work', 7 * day, begin + Math.floor(random() * 7 * day)),
      ...(index % 10 === 0 ? [unknown('at two, as others', day, begin + 2 * hour)] : []),
      ...(index % 50 === 0 ? [unknown('often', 5 * minute)] : []),
    ],
    isAwake: false,
    lastUse: Number.NEGATIVE_INFINITY,
    keepUntil: 0,
    inFlight: 0,
    stays: [],
    scheduleWakes: [],
  }
}

/** A row that falls due by its own date, without a notification. */
function giveWork(tenant: SimulatedTenant | undefined, now: number, random: () => number) {
  const checked = tenant?.actions.filter(({ work }) => work !== undefined) ?? []
  const action = checked[Math.floor(random() * checked.length)]
  if (action?.work !== undefined) action.work.since ??= now
}
