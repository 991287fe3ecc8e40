import { expect, test } from 'vitest'
import { createWakeWatch } from './wake-watch.ts'

const seen = { expectedMs: 2_000, hasAddress: false }

function underTest() {
  const clock = { ms: 10_000 }
  return { clock, watch: createWakeWatch(() => clock.ms) }
}

test('a wake is known from its start, phase by phase', () => {
  const { clock, watch } = underTest()
  watch.note('acme-prod', 'starting')
  clock.ms += 500
  const waking = { state: 'waking', startedAtMs: 10_000, expectedMs: 2_000, attempt: 1 }
  expect(watch.stateOf('acme-prod', 'starting', seen)).toEqual({ ...waking, phase: 'starting' })
  const started = { ...seen, hasAddress: true }
  expect(watch.stateOf('acme-prod', 'starting', started)).toEqual({ ...waking, phase: 'loading' })
  clock.ms += 1_400
  expect(watch.stateOf('acme-prod', 'starting', started)).toEqual({ ...waking, phase: 'almost' })
  expect(watch.stateOf('acme-prod', 'awake', seen)).toEqual({ state: 'ready' })
})

test('one that is woken while it still stops is being woken', () => {
  const { watch } = underTest()
  expect(watch.stateOf('acme-prod', 'stopping', seen)).toMatchObject({
    state: 'waking',
    attempt: 1,
  })
})

test('its start after that is no second attempt, and its time goes on', () => {
  const { clock, watch } = underTest()
  watch.note('acme-prod', 'stopping')
  watch.stateOf('acme-prod', 'stopping', seen)
  clock.ms += 300
  watch.note('acme-prod', 'starting')
  expect(watch.stateOf('acme-prod', 'starting', seen)).toMatchObject({
    startedAtMs: 10_000,
    attempt: 1,
  })
})

test('a crash loop is told, with the time of the next attempt, and attempts are counted until one succeeds', () => {
  const { clock, watch } = underTest()
  watch.note('acme-prod', 'starting')
  watch.note('acme-prod', 'failed')
  const why = { ...seen, failedUntil: 40_000, reason: 'It ended right after its start.' }
  expect(watch.stateOf('acme-prod', 'failed', why)).toEqual({
    state: 'failed',
    retryAtMs: 40_000,
    reason: 'It ended right after its start.',
  })
  const restarting = { ...seen, failedUntil: Number.POSITIVE_INFINITY }
  expect(watch.stateOf('acme-prod', 'failed', restarting)).toEqual({ state: 'failed' })
  clock.ms = 41_000
  watch.note('acme-prod', 'starting')
  expect(watch.stateOf('acme-prod', 'starting', seen)).toMatchObject({
    startedAtMs: 41_000,
    attempt: 2,
  })
  watch.note('acme-prod', 'awake')
  watch.note('acme-prod', 'starting')
  expect(watch.stateOf('acme-prod', 'starting', seen)).toMatchObject({ attempt: 1 })
})

test('what nobody wakes is asleep', () => {
  const { watch } = underTest()
  expect(watch.stateOf('acme-prod', 'asleep', seen)).toEqual({ state: 'asleep' })
  expect(watch.stateOf('acme-prod', undefined, seen)).toEqual({ state: 'asleep' })
})

test('of one that is gone nothing is counted on, whoever has its name next', () => {
  const { watch } = underTest()
  watch.note('acme-prod', 'starting')
  watch.note('acme-prod', 'failed')
  watch.forget('acme-prod')
  watch.note('acme-prod', 'starting')
  expect(watch.stateOf('acme-prod', 'starting', seen)).toMatchObject({ attempt: 1 })
})
