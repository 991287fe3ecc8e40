import { taskNamespace } from '@pulse/api'
import { createEventRecorder, type Objects, systemClock } from '@pulse/engine'
import { createMetrics } from '@pulse/service'
import { expect, onTestFinished, test } from 'vitest'
import { openLeaseStore } from '../leases/lease-store.suite.ts'
import { metricDefinitions } from '../server/metrics.ts'
import { silent } from '../silent-log.suite.ts'
import { gaugeLeaks } from './gauge-leaks.ts'
import type { Leak } from './leak-facts.ts'
import { leaksRef, reportLeaks } from './report-leaks.ts'

async function report(objects: Objects, leaks: readonly Leak[]) {
  const told: string[] = []
  const log = { ...silent, warn: (facts: object) => void told.push(JSON.stringify(facts)) }
  const events = createEventRecorder({ objects, log, clock: systemClock, component: 'test' })
  await reportLeaks(leaks, { objects, events, log })
  return told
}

async function layCronJob(objects: Objects) {
  const template = {
    spec: { restartPolicy: 'Never', containers: [{ name: 'task', image: 'pulse' }] },
  }
  await objects.create(
    {
      ...{ apiVersion: 'batch/v1', kind: 'CronJob' },
      metadata: { name: 'leak-check', namespace: taskNamespace },
      spec: { schedule: '@daily', jobTemplate: { spec: { template } } },
    },
    { fieldManager: 'test' },
  )
}

test('each leak is told by its name: in the log, as an event of the CronJob, and all together', async () => {
  const objects = await openLeaseStore(taskNamespace)
  await layCronJob(objects)
  const told = await report(objects, [
    { type: 'database', name: 'standby_gone' },
    { type: 'volume', name: 'a\u001b[2Jb' },
  ])
  expect(told).toHaveLength(2)
  const { items } = await objects.list({ apiVersion: 'v1', kind: 'Event' })
  expect(items.map(({ reason, message }) => `${reason}: ${message}`).toSorted()).toEqual([
    'LeakFound: database standby_gone belongs to nobody',
    'LeakFound: volume a[2Jb belongs to nobody',
  ])
  expect((await objects.get(leaksRef))?.data).toMatchObject({
    database: 'standby_gone',
    'database.count': '1',
    'role.count': '0',
  })
})

test('very many are bounded, and counted all the same', async () => {
  const objects = await openLeaseStore(taskNamespace)
  const leaks = Array.from({ length: 700 }, (_, index) => ({
    ...({ type: 'hostname', name: `host:${index}` } as const),
  }))
  await report(objects, leaks)
  const data = (await objects.get(leaksRef))?.data
  expect(data).toMatchObject({ 'hostname.count': '700' })
  expect(JSON.stringify(data)).toContain('… 200 more')
})

test('the metric is what the last check has found, also when that has gone', async () => {
  const objects = await openLeaseStore(taskNamespace)
  const metrics = await createMetrics(metricDefinitions)
  const halt = new AbortController()
  onTestFinished(() => halt.abort())
  gaugeLeaks({ objects, metrics, clock: systemClock, log: silent, signal: halt.signal })
  await report(objects, [{ type: 'role', name: 'instance-gone' }])
  await expect.poll(() => metrics.text()).toContain('pulse_leaks{type="role"} 1')
  await report(objects, [])
  await expect.poll(() => metrics.text()).toContain('pulse_leaks{type="role"} 0')
})
