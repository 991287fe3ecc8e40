import { expect, test } from 'vitest'
import {
  type EnvironmentSchedule,
  newSchedule,
  type ScheduleEvent,
  stepSchedule,
} from './environment-schedule.ts'
import { defaultScheduleLimits as limits } from './schedule-limits.ts'

const second = 1_000
const minute = 60 * second
const begin = 1_000 * minute
const idle = { dueSince: undefined, nextAt: undefined }
const due = { dueSince: begin - second, nextAt: undefined }

/** An environment to which events happen at moments counted from the beginning. */
function follow(isAwake = false, minimumIntervalMs = 0) {
  let schedule: EnvironmentSchedule = newSchedule(isAwake, minimumIntervalMs)
  return {
    at(milliseconds: number, event: ScheduleEvent) {
      const step = stepSchedule(schedule, event, { now: begin + milliseconds, jitterMs: 0, limits })
      schedule = step.schedule
      return step.effects
    },
    lookAt: () => (schedule.lookAt === undefined ? undefined : schedule.lookAt - begin),
  }
}

/** Read, due, woken: now it runs. */
function visited(minimumIntervalMs = 0) {
  const tenant = follow(false, minimumIntervalMs)
  tenant.at(0, { type: 'slept' })
  tenant.at(0, { type: 'timed' })
  tenant.at(0, { type: 'read', plan: due })
  tenant.at(second, { type: 'woke' })
  return tenant
}

test('what is due is read after the exit, and only then wakes', () => {
  const tenant = follow(true)
  expect(tenant.at(0, { type: 'slept' })).toEqual([])
  expect(tenant.lookAt()).toBe(0)
  expect(tenant.at(0, { type: 'timed' })).toEqual([{ type: 'read' }])
  expect(tenant.at(1, { type: 'read', plan: due })).toEqual([
    { type: 'wake', owedAt: begin - second },
  ])
  expect(tenant.at(second, { type: 'woke' })).toEqual([
    { type: 'keepAwake', until: begin + second + limits.batchMs },
    { type: 'run', owedAt: begin - second },
  ])
})

test('what was read before the exit wakes nobody: it is read again', () => {
  const tenant = follow(true)
  tenant.at(0, { type: 'known', minimumIntervalMs: 0, at: begin })
  tenant.at(0, { type: 'timed' })
  tenant.at(1, { type: 'slept' })
  expect(tenant.at(2, { type: 'read', plan: due })).toEqual([])
  expect(tenant.lookAt()).toBe(2)
})

test('a notification only makes it read, and not again at once', () => {
  const tenant = follow()
  tenant.at(0, { type: 'hinted', at: begin })
  expect(tenant.at(0, { type: 'timed' })).toEqual([{ type: 'read' }])
  expect(tenant.at(5, { type: 'hinted', at: begin + 5 })).toEqual([])
  expect(tenant.at(9, { type: 'read', plan: idle })).toEqual([])
  tenant.at(10, { type: 'hinted', at: begin + 10 })
  expect(tenant.at(10, { type: 'timed' })).toEqual([{ type: 'read' }])
  tenant.at(20, { type: 'read', plan: idle })
  tenant.at(21, { type: 'hinted', at: begin + 21 })
  expect(tenant.lookAt()).toBe(20 + limits.hintGapMs)
})

test('a flood of notifications during its reading does not keep what is due from running', () => {
  const tenant = follow()
  tenant.at(0, { type: 'hinted', at: begin })
  tenant.at(0, { type: 'timed' })
  tenant.at(1, { type: 'hinted', at: begin + 1 })
  expect(tenant.at(2, { type: 'read', plan: due }).map(({ type }) => type)).toContain('wake')
})

test('it stays awake until nothing is due, and for a neighbour within the minute', () => {
  const tenant = visited()
  expect(tenant.at(2 * second, { type: 'ran', jobs: 1 })).toEqual([
    { type: 'keepAwake', until: begin + 2 * second + limits.readTimeoutMs },
  ])
  expect(tenant.at(2 * second, { type: 'timed' })).toEqual([{ type: 'read' }])
  const nextAt = begin + 40 * second
  expect(tenant.at(2 * second, { type: 'read', plan: { dueSince: undefined, nextAt } })).toEqual([
    { type: 'keepAwake', until: nextAt + limits.readTimeoutMs },
  ])
  expect(tenant.lookAt()).toBe(40 * second)
  tenant.at(40 * second, { type: 'timed' })
  const again = tenant.at(40 * second, { type: 'read', plan: { ...due, dueSince: nextAt } })
  expect(again.map(({ type }) => type)).toEqual(['keepAwake', 'run'])
  tenant.at(41 * second, { type: 'ran', jobs: 1 })
  tenant.at(41 * second, { type: 'timed' })
  expect(tenant.at(41 * second, { type: 'read', plan: idle })).toEqual([])
})

test('an action that never ends keeps nobody awake for ever, and is not forgotten', () => {
  const tenant = visited()
  tenant.at(limits.visitMostMs, { type: 'ran', jobs: 1 })
  tenant.at(limits.visitMostMs, { type: 'timed' })
  const effects = tenant.at(limits.visitMostMs, { type: 'read', plan: due })
  expect(effects.map(({ type }) => type)).toEqual(['heldBack'])
  expect(tenant.lookAt()).toBe(limits.visitMostMs + limits.retryMostMs)
})

test('the plan’s interval delays a wake and never drops it', () => {
  const tenant = visited(15 * minute)
  tenant.at(2 * second, { type: 'ran', jobs: 1 })
  tenant.at(2 * second, { type: 'timed' })
  tenant.at(2 * second, { type: 'read', plan: idle })
  tenant.at(minute, { type: 'slept' })
  tenant.at(minute, { type: 'timed' })
  const plan = { dueSince: begin + minute, nextAt: undefined }
  expect(tenant.at(minute, { type: 'read', plan })).toEqual([
    { type: 'heldBack', until: begin + 15 * minute },
  ])
  expect(tenant.lookAt()).toBe(15 * minute)
  tenant.at(15 * minute, { type: 'timed' })
  expect(tenant.at(15 * minute, { type: 'read', plan })).toContainEqual({
    type: 'wake',
    owedAt: begin + 15 * minute,
  })
})

test('an awake one runs what is due without a wake: its registry may be gone', () => {
  const tenant = follow(true)
  tenant.at(0, { type: 'known', minimumIntervalMs: 15 * minute, at: begin })
  tenant.at(0, { type: 'timed' })
  expect(tenant.at(0, { type: 'read', plan: due }).map(({ type }) => type)).toEqual([
    'keepAwake',
    'run',
  ])
})

test('an awake one is looked at every minute: its schedule may change unnoticed', () => {
  const tenant = follow(true)
  tenant.at(0, { type: 'known', minimumIntervalMs: 0, at: begin })
  tenant.at(0, { type: 'timed' })
  tenant.at(0, { type: 'read', plan: { ...idle, nextAt: begin + 60 * minute } })
  expect(tenant.lookAt()).toBe(limits.awakeLookMs)
})

test.each(['readFailed', 'wakeFailed', 'runFailed'] as const)(
  '%s is tried again, each time later, within bounds',
  (type) => {
    const tenant = visited()
    if (type === 'wakeFailed') {
      tenant.at(second, { type: 'slept' })
      tenant.at(second, { type: 'timed' })
      tenant.at(second, { type: 'read', plan: due })
    }
    tenant.at(second, { type })
    expect(tenant.lookAt()).toBe(second + limits.retryMs)
    for (let failure = 0; failure < 30; failure += 1) {
      tenant.at(second, { type: 'timed' })
      tenant.at(second, { type: 'readFailed' })
    }
    expect(tenant.lookAt()).toBe(second + limits.retryMostMs)
  },
)

test('a run that did nothing is not repeated at once', () => {
  const tenant = visited()
  tenant.at(2 * second, { type: 'ran', jobs: 0 })
  expect(tenant.lookAt()).toBe(2 * second + limits.retryMs)
})
