import type { MetricDefinition } from '@pulse/service'

/** Everything that the server measures; the reference is generated from here. */
export const metricDefinitions: readonly MetricDefinition[] = [
  {
    name: 'pulse_gateway_requests_total',
    type: 'counter',
    help: 'Requests that the gateway has finished, by status code; 499 is a client that left.',
    labels: ['code'],
  },
  {
    name: 'pulse_gateway_raced_total',
    type: 'counter',
    help: 'Requests answered 503 because their environment moved when too much of their body had been sent.',
    labels: [],
  },
  {
    name: 'pulse_gateway_request_duration_seconds',
    type: 'histogram',
    help: 'Time from the first byte of a request to the last of its answer.',
    labels: [],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
  },
  {
    name: 'pulse_gateway_wakes_total',
    type: 'counter',
    help: 'Environments that were woken, by what for: a request, a schedule, or by hand (asked).',
    labels: ['cause'],
  },
  {
    name: 'pulse_gateway_wake_duration_seconds',
    type: 'histogram',
    help: 'Time from the decision to wake an environment until it can be served.',
    labels: ['cause'],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
  },
  {
    name: 'pulse_gateway_schedules_total',
    type: 'counter',
    help: 'What was done for schedules: databases read, environments woken, runs, actions held back by plan, failures.',
    labels: ['event'],
  },
  {
    name: 'pulse_gateway_schedule_delay_seconds',
    type: 'histogram',
    help: 'Time from the moment at which a scheduled action should have begun until its run began.',
    labels: [],
    buckets: [1, 2.5, 5, 10, 20, 30, 60, 120, 300, 900],
  },
  {
    name: 'pulse_task_step_duration_seconds',
    type: 'histogram',
    help: 'Time of each finished step of a task, such as `publish` of `claim`.',
    labels: ['task', 'step'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900],
  },
]
