import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Metrics } from '@pulse/service'

/** The shorter, the more it costs: each look wakes the process. */
const resolutionMs = 100

/** Measures how long the process stood still, for `pulse_event_loop_delay_seconds`: the longest since the last reading. */
export function gaugeLoopDelay(metrics: Metrics): void {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs })
  delays.enable()
  metrics.beforeText(() => {
    // What is measured is the time between two looks.
    const longestMs = Math.max(0, delays.max / 1e6 - resolutionMs)
    metrics.record('pulse_event_loop_delay_seconds', longestMs / 1_000)
    delays.reset()
  })
}
