import { setTimeout as delay } from 'node:timers/promises'
import { createMetrics } from '@pulse/service'
import { expect, test } from 'vitest'
import { gaugeLoopDelay } from './loop-delay.ts'
import { metricDefinitions } from './metrics.ts'

test('a stand-still is told at the next reading, and not at the one after it', async () => {
  const metrics = await createMetrics(metricDefinitions)
  gaugeLoopDelay(metrics)
  const read = async () => {
    const told = /^pulse_event_loop_delay_seconds ([\d.e-]+)$/m.exec(await metrics.text())
    return Number(told?.[1])
  }
  await read()
  // A reading begins anew with the next look.
  await delay(250)
  const until = performance.now() + 2_000
  while (performance.now() < until);
  await delay(250)
  const [told, after] = [await read(), await read()]
  expect(told).toBeGreaterThan(1.5)
  expect(after).toBeLessThan(told)
})
