import { tmpdir } from 'node:os'
import { createMetrics } from '@pulse/service'
import { expect, test } from 'vitest'
import { gaugeMachine, machineMetricDefinitions, observeControllers } from './machine-metrics.ts'

test('passes, failures and queues are told for each controller', async () => {
  const metrics = await createMetrics(machineMetricDefinitions)
  const observer = observeControllers(metrics)
  let depth = 3
  observer.started('job', () => depth)
  observer.passed('job', { seconds: 0.2, failed: false })
  observer.passed('job', { seconds: 0.3, failed: true })
  depth = 5
  const text = await metrics.text()
  expect(text).toContain('pulse_engine_pass_duration_seconds_count{controller="job"} 2')
  expect(text).toContain('pulse_engine_failed_passes_total{controller="job"} 1')
  expect(text).toContain('pulse_engine_queue_depth{controller="job"} 5')
})

test('standbys, the disk and open files are looked up when somebody reads', async () => {
  const metrics = await createMetrics(machineMetricDefinitions)
  const line = { edition: 'basic', major: '18', hosting: 'pool' } as const
  gaugeMachine(metrics, {
    stateDir: tmpdir(),
    descriptors: { most: 1024, open: () => 77 },
    standbys: () => [{ line, ready: 1, target: 2, reason: 'DiskNearlyFull' }],
  })
  const text = await metrics.text()
  expect(text).toContain('pulse_standbys{template="basic-18",hosting="pool"} 1')
  expect(text).toContain('pulse_standbys_wanted{template="basic-18",hosting="pool"} 2')
  expect(text).toMatch(/^pulse_state_disk_free_bytes \d+/m)
  expect(text).toMatch(/^pulse_open_descriptors 77$/m)
  expect(text).toMatch(/^pulse_max_descriptors 1024$/m)
})
