import { apiVersion, type KubeObject, type Log } from '@pulse/api'
import type { EventNote } from '@pulse/engine'
import type { RequestFacts } from '@pulse/gateway'
import { createMetrics } from '@pulse/service'
import { expect, test, vi } from 'vitest'
import { createLifeFigures } from '../figures/life-figures.ts'
import { silent } from '../silent-log.suite.ts'
import { metricDefinitions } from './metrics.ts'
import { gaugeLives, recordLives } from './record-lives.ts'

const environment: KubeObject = {
  apiVersion,
  kind: 'TenantEnvironment',
  metadata: { name: 'acme-prod', uid: 'u1' },
}

async function withRecording(log: Log = silent) {
  const clock = { now: Date.UTC(2026, 0, 5, 12) }
  const down = new Set<string>()
  const told: EventNote[] = []
  const isDown = (name: string) => down.has(name)
  const metrics = await createMetrics(metricDefinitions)
  const figures = createLifeFigures({ now: () => clock.now, isKnown: () => true, isDown })
  const { hooks, forget } = recordLives({
    metrics,
    figures,
    isDown,
    isInstance: (name) => name !== 'crowd-prod',
    objects: { get: async ({ name }) => (name === 'acme-prod' ? environment : undefined) },
    events: {
      record: async (_, note) => void told.push(note),
      expire: async () => {},
    },
    log,
  })
  gaugeLives(metrics, figures, {
    lives: { held: 7, startsWaiting: 2 },
    parking: { counts: () => ({ attached: 3, parked: 4 }) },
  })
  return { clock, down, told, figures, metrics, hooks, forget }
}

test('a sleep that was called off is told from one that came to its end', async () => {
  const { down, metrics, hooks } = await withRecording()
  for (const state of ['awake', 'draining', 'awake', 'draining', 'stopping'] as const) {
    hooks.onState('acme-prod', state)
  }
  down.add('acme-prod')
  hooks.onState('acme-prod', 'asleep')
  const text = await metrics.text()
  expect(text).toMatch(/^pulse_gateway_aborted_sleeps_total 1$/m)
  expect(text).toMatch(/^pulse_gateway_sleeps_total 1$/m)
  expect(text).toMatch(/^pulse_gateway_environments\{state="asleep"\} 1$/m)
  expect(text).toMatch(/^pulse_gateway_environments\{state="awake"\} 0$/m)
})

test('operators are warned of one that does not start, once for each failure', async () => {
  const warned: unknown[] = []
  const { hooks } = await withRecording({ ...silent, warn: (fields) => void warned.push(fields) })
  for (const state of ['starting', 'failed', 'starting', 'awake'] as const) {
    hooks.onState('acme-prod', state)
  }
  expect(warned).toEqual([{ environment: 'acme-prod' }])
})

test('one that is always on goes on being awake while it rests', async () => {
  const { clock, metrics, hooks } = await withRecording()
  hooks.onState('acme-prod', 'awake')
  hooks.onState('acme-prod', 'asleep')
  clock.now += 60_000
  const text = await metrics.text()
  expect(text).toMatch(/^pulse_gateway_sleeps_total 0$/m)
  expect(text).toMatch(/^pulse_gateway_awake_seconds_total\{environment="acme-prod"\} 60$/m)
})

test('a series of awake seconds ends some time after its environment fell asleep', async () => {
  const { clock, down, metrics, hooks } = await withRecording()
  hooks.onState('acme-prod', 'awake')
  clock.now += 5_000
  down.add('acme-prod')
  hooks.onState('acme-prod', 'asleep')
  expect(await metrics.text()).toMatch(/awake_seconds_total\{environment="acme-prod"\} 5$/m)
  clock.now += 10 * 60_000
  expect(await metrics.text()).not.toContain('acme-prod')
})

test('tenants of a pool are in no series of their own', async () => {
  const { clock, metrics, hooks } = await withRecording()
  hooks.onState('crowd-prod', 'awake')
  clock.now += 5_000
  expect(await metrics.text()).not.toContain('crowd-prod')
})

test('wakes are counted by what for and from which temperature', async () => {
  const { metrics, hooks } = await withRecording()
  const wake = { environment: 'acme-prod', cause: 'schedule', durationMs: 400 } as const
  hooks.onWake({ ...wake, temperature: 'forked', signalMs: 5 })
  hooks.onWake({ ...wake, temperature: 'cold', durationMs: 4_000 })
  const text = await metrics.text()
  const labels = 'cause="schedule",temperature="forked"'
  expect(text).toContain(`pulse_gateway_wakes_total{${labels}} 1\n`)
  expect(text).toContain(`pulse_gateway_wake_duration_seconds_sum{${labels}} 0.4\n`)
  // Of the other one it is not known.
  expect(text).toMatch(/^pulse_gateway_wake_signal_seconds_sum 0\.005$/m)
  expect(text).toMatch(/^pulse_gateway_wake_signal_seconds_count 1$/m)
})

test('the first request to one that has rested in running workers is a wake from warm ones', async () => {
  const { figures, metrics, hooks } = await withRecording()
  const request: RequestFacts = {
    environment: 'crowd-prod',
    class: 'page',
    handled: 'forwarded',
    status: 200,
    durationMs: 300,
    raced: false,
    problem: undefined,
  }
  hooks.onRequest(request)
  hooks.onState('crowd-prod', 'asleep')
  hooks.onRequest({ ...request, class: 'static-file' })
  hooks.onRequest({ ...request, environment: 'acme-prod' })
  hooks.onRequest(request)
  hooks.onRequest({ ...request, durationMs: 20 })
  const text = await metrics.text()
  const labels = 'cause="request",temperature="warm"'
  expect(text).toContain(`pulse_gateway_wakes_total{${labels}} 1\n`)
  expect(text).toContain(`pulse_gateway_wake_duration_seconds_sum{${labels}} 0.3\n`)
  const wakeTimes = { count: 1, p50Ms: 300, p99Ms: 300 }
  expect(figures.of('crowd-prod')).toMatchObject({ wakesToday: 1, wakeTimes })
  expect(figures.of('crowd-prod')?.wakeTimesFrom).toEqual({ warm: wakeTimes })
  // It is in no state that an environment of its own would be in.
  expect(text).toMatch(/^pulse_gateway_environments\{state="asleep"\} 0$/m)
})

test('of one that is gone no rest is remembered, and no figures', async () => {
  const { figures, metrics, hooks, forget } = await withRecording()
  hooks.onState('acme-prod', 'awake')
  hooks.onState('acme-prod', 'asleep')
  forget('acme-prod')
  hooks.onRequest({
    ...{ environment: 'acme-prod', class: 'page', handled: 'forwarded' },
    ...{ status: 200, durationMs: 300, raced: false, problem: undefined },
  })
  expect(figures.of('acme-prod')).toBeUndefined()
  const text = await metrics.text()
  expect(text).not.toContain('temperature="warm"')
  expect(text).not.toContain('acme-prod')
})

test('what waits is looked up when it is read, and only requests count as waiting', async () => {
  const { metrics, hooks } = await withRecording()
  const waited = { environment: 'acme-prod', durationMs: 200, outcome: 'go' } as const
  hooks.onHeld({ ...waited, cause: 'request' })
  hooks.onHeld({ ...waited, cause: 'asked' })
  hooks.onRefused('sealed')
  const text = await metrics.text()
  expect(text).toMatch(/^pulse_gateway_held_requests 7$/m)
  expect(text).toMatch(/^pulse_gateway_starts_waiting 2$/m)
  expect(text).toMatch(/^pulse_gateway_sockets\{state="parked"\} 4$/m)
  expect(text).toMatch(/^pulse_gateway_hold_duration_seconds_count\{outcome="go"\} 1$/m)
  expect(text).toMatch(/^pulse_gateway_refused_total\{reason="sealed"\} 1$/m)
})

test('why an ordered sleep does not begin is said on the environment, with the counts', async () => {
  const { told, metrics, hooks } = await withRecording()
  const refused = { environment: 'acme-prod', because: 'busy', inFlight: 2, held: 1 } as const
  hooks.onRefusedSleep(refused)
  hooks.onRefusedSleep({ ...refused, environment: 'gone-prod' })
  await vi.waitFor(() => expect(told).toHaveLength(1))
  expect(told).toEqual([
    {
      type: 'Normal',
      reason: 'SleepDelayed',
      message: 'does not fall asleep yet: 2 requests under way, 1 request waiting',
    },
  ])
  expect(await metrics.text()).toMatch(/refused_sleeps_total\{because="busy"\} 2$/m)
})
