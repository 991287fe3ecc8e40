import { statfsSync } from 'node:fs'
import { templateSnapshotName } from '@pulse/api'
import type { ControllerObserver } from '@pulse/engine'
import type { LineState } from '@pulse/odoo'
import type { MetricDefinition, Metrics } from '@pulse/service'
import type { Descriptors } from './descriptors.ts'

const workBuckets = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30]

/** What carries resources out on this machine, and what it stands on. */
export const machineMetricDefinitions: readonly MetricDefinition[] = [
  {
    name: 'pulse_engine_pass_duration_seconds',
    type: 'histogram',
    help: 'Time of each pass of a controller over one object.',
    labels: ['controller'],
    buckets: workBuckets,
  },
  {
    name: 'pulse_engine_failed_passes_total',
    type: 'counter',
    help: 'Passes that failed and are tried again; conflicts, which are the normal course of things, are left out.',
    labels: ['controller'],
  },
  {
    name: 'pulse_engine_queue_depth',
    type: 'gauge',
    help: 'Objects that wait for a pass of a controller, or are in one.',
    labels: ['controller'],
  },
  {
    name: 'pulse_store_write_duration_seconds',
    type: 'histogram',
    help: 'Time of each transaction of the store that writes, the wait for its turn included.',
    labels: [],
    buckets: workBuckets,
  },
  {
    name: 'pulse_standbys',
    type: 'gauge',
    help: 'Databases that stand ready, by template and hosting.',
    labels: ['template', 'hosting'],
  },
  {
    name: 'pulse_standbys_wanted',
    type: 'gauge',
    help: 'How many should stand ready, by template and hosting.',
    labels: ['template', 'hosting'],
  },
  {
    name: 'pulse_state_disk_free_bytes',
    type: 'gauge',
    help: 'Free bytes of the disk of the state folder.',
    labels: [],
  },
  {
    name: 'pulse_state_disk_total_bytes',
    type: 'gauge',
    help: 'Size of the disk of the state folder.',
    labels: [],
  },
  {
    name: 'pulse_open_descriptors',
    type: 'gauge',
    help: 'Files and connections that this process has open.',
    labels: [],
  },
  {
    name: 'pulse_max_descriptors',
    type: 'gauge',
    help: 'How many it may have open (ulimit -n).',
    labels: [],
  },
]

/** Measures controllers; a few operations of numbers for each pass. */
export function observeControllers(metrics: Metrics): ControllerObserver {
  const depths = new Map<string, () => number>()
  metrics.beforeText(() => {
    for (const [controller, depth] of depths) {
      metrics.record('pulse_engine_queue_depth', depth(), { controller })
    }
  })
  return {
    // Of controllers that begin anew the newer ones count.
    started: (controller, depth) => void depths.set(controller, depth),
    passed(controller, { seconds, failed }) {
      metrics.record('pulse_engine_pass_duration_seconds', seconds, { controller })
      if (failed) metrics.record('pulse_engine_failed_passes_total', 1, { controller })
    },
  }
}

/** What is looked up when somebody reads the metrics. */
export function gaugeMachine(
  metrics: Metrics,
  {
    stateDir,
    descriptors,
    standbys,
  }: {
    readonly stateDir: string
    readonly descriptors: Pick<Descriptors, 'most' | 'open'>
    readonly standbys: () => readonly LineState[]
  },
) {
  metrics.beforeText(() => {
    for (const { line, ready, target } of standbys()) {
      const labels = {
        template: templateSnapshotName(line.edition, line.major),
        hosting: line.hosting,
      }
      metrics.record('pulse_standbys', ready, labels)
      metrics.record('pulse_standbys_wanted', target, labels)
    }
    const { bsize, bavail, blocks } = statfsSync(stateDir)
    metrics.record('pulse_state_disk_free_bytes', bavail * bsize)
    metrics.record('pulse_state_disk_total_bytes', blocks * bsize)
    metrics.record('pulse_open_descriptors', descriptors.open())
    metrics.record('pulse_max_descriptors', descriptors.most)
  })
}
