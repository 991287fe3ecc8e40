import { expect, test } from 'vitest'
import { createManualClock } from '../manual-clock.suite.ts'
import type { Plan } from './cron-calendar.ts'
import { defaultScheduleLimits as limits } from './schedule-limits.ts'
import { createScheduler, type ScheduleFact } from './scheduler.ts'
import { wait } from './simulated-tenant.suite.ts'

const second = 1_000
const minute = 60 * second

/** A thousand sleeping tenants whose plan is whatever `planOf` says. */
function keep(planOf: (name: string) => Plan | undefined | Promise<Plan>, number = 1_000) {
  const clock = createManualClock()
  const facts: ScheduleFact[] = []
  const busy = { reads: 0, wakes: 0, mostReads: 0, mostWakes: 0 }
  const scheduler = createScheduler({
    clock,
    limits,
    tell: (fact) => facts.push(fact),
    keepAwake: () => undefined,
    calendar: {
      async read(name) {
        busy.reads += 1
        busy.mostReads = Math.max(busy.mostReads, busy.reads)
        await wait(clock, 10)
        busy.reads -= 1
        return planOf(name)
      },
    },
    async wake() {
      busy.wakes += 1
      busy.mostWakes = Math.max(busy.mostWakes, busy.wakes)
      await wait(clock, second)
      busy.wakes -= 1
    },
    runner: { run: async () => ({ jobs: 1, nextAt: undefined }) },
  })
  const names = Array.from({ length: number }, (_, index) => `tenant-${index}`)
  for (const name of names) scheduler.know({ name, isAwake: false, minimumIntervalMs: 0 })
  const count = (type: ScheduleFact['type']) => facts.filter((fact) => fact.type === type).length
  return { clock, scheduler, facts, busy, names, count }
}

const nothing: Plan = { dueSince: undefined, nextAt: undefined }

test('at a start everything asleep is read, a few at a time, and all within a minute', async () => {
  const { clock, count, busy } = keep(() => nothing)
  await clock.advance(5 * second)
  expect(count('read')).toBeLessThan(5 * limits.readsPerSecond)
  await clock.advance(55 * second)
  expect(count('read')).toBe(1_000)
  expect(busy.mostReads).toBeLessThanOrEqual(limits.readsAtOnce)
})

test('two hundred due at the same minute run within it, so many starts at once', async () => {
  const done = new Set<string>()
  const { clock, facts, busy, names } = keep((name) => {
    const dueAt = begin + 2 * minute
    if (done.has(name) || Number(name.split('-')[1]) >= 200) return nothing
    if (clock.now() < dueAt) return { dueSince: undefined, nextAt: dueAt }
    done.add(name)
    return { dueSince: dueAt, nextAt: undefined }
  })
  const begin = clock.now()
  await clock.advance(4 * minute)
  const late = facts.flatMap((fact) => (fact.type === 'ran' ? [fact.lateMs] : []))
  expect(late.length).toBe(200)
  expect(Math.max(...late)).toBeLessThanOrEqual(minute)
  expect(busy.mostWakes).toBe(limits.wakesAtOnce)
  expect(names.length).toBe(1_000)
})

test('a flood of notifications reads each database rarely, and all together slowly', async () => {
  const { clock, scheduler, names, count } = keep(() => nothing)
  await clock.advance(2 * minute)
  const before = count('read')
  for (let time = 0; time < 60; time += 1) {
    for (const name of names) scheduler.hint(name)
    scheduler.hint('nobody')
    await clock.advance(second)
  }
  expect(count('read') - before).toBeLessThanOrEqual(61 * limits.hintsPerSecond)
  expect(count('woke')).toBe(0)
})

test('one name sent again and again does not push back the others', async () => {
  const { clock, scheduler, facts } = keep(() => nothing)
  await clock.advance(2 * minute)
  for (let time = 0; time < 1_000; time += 1) scheduler.hint('tenant-1')
  scheduler.hint('tenant-2')
  facts.length = 0
  await clock.advance(limits.hintGapMs)
  expect(facts.map(({ environment }) => environment).toSorted()).toEqual(['tenant-1', 'tenant-2'])
})

test('after a gap in listening everything is read again', async () => {
  const { clock, scheduler, count } = keep(() => nothing, 100)
  await clock.advance(minute)
  scheduler.hintAll()
  await clock.advance(minute)
  expect(count('read')).toBe(200)
})

test('a database that is gone is forgotten', async () => {
  const { clock, scheduler, count } = keep(() => undefined, 10)
  await clock.advance(minute)
  expect(count('gone')).toBe(10)
  expect(scheduler.counts.known).toBe(0)
})

test('a read that never answers is given up, told, and tried again', async () => {
  const { clock, facts, count } = keep(() => new Promise(() => undefined), 1)
  await clock.advance(limits.readTimeoutMs + second)
  expect(facts).toMatchObject([{ type: 'failed', step: 'read', environment: 'tenant-0' }])
  await clock.advance(10 * minute)
  expect(count('failed')).toBeGreaterThan(3)
})

test('a scheduler that is closed asks for nothing any more', async () => {
  const { clock, scheduler, count } = keep(() => nothing, 10)
  scheduler.close()
  await clock.advance(minute)
  expect(count('read')).toBe(0)
})
