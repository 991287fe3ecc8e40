import type { MetricDefinition } from '@pulse/service'

/** How long a person waits for a page, in seconds. */
const waitingBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]

/** Of several gateways; a dashboard that summed them up would tell of tenants that are not there. */
export const seenByEach = 'Each gateway on a store sees them all: of several, take the greatest.'

/** Everything that the server measures; the reference is generated from here. */
export const metricDefinitions: readonly MetricDefinition[] = [
  {
    name: 'pulse_gateway_requests_total',
    type: 'counter',
    help: 'Requests that the gateway has finished, by class (docs/reference/request-classes.md; `none` at a host of nobody), status code (499 is a client that left), how it came by its answer (`forwarded` at once, `held` until its environment was awake, from a `copy`, or by the gateway while it was `asleep`), and the problem that the gateway told of itself (docs/reference/problems.md): a refused XML-RPC call gets a fault, with code 200. Odoo itself has answered where `handled` is `forwarded` or `held` and `problem` is `none`.',
    labels: ['class', 'code', 'handled', 'problem'],
  },
  {
    name: 'pulse_event_loop_delay_seconds',
    type: 'gauge',
    help: 'The longest time since the last reading in which the server did nothing but one thing, and everybody waited for it.',
    labels: [],
  },
  {
    name: 'pulse_gateway_raced_total',
    type: 'counter',
    help: 'Requests answered 503 because their environment moved when too much of their body had been sent.',
    labels: [],
  },
  {
    name: 'pulse_gateway_stalled_clients_total',
    type: 'counter',
    help: 'Connections that were ended because their client took nothing of its answer for too long.',
    labels: [],
  },
  {
    name: 'pulse_gateway_refused_total',
    type: 'counter',
    help: 'Times that a backend took nothing of a request: sealed or identity (its own 421), unreachable.',
    labels: ['reason'],
  },
  {
    name: 'pulse_gateway_request_duration_seconds',
    type: 'histogram',
    help: 'Time from the first byte of a request to the last of its answer.',
    labels: [],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
  },
  {
    name: 'pulse_gateway_held_requests',
    type: 'gauge',
    help: 'Requests that wait for an environment now.',
    labels: [],
  },
  {
    name: 'pulse_gateway_hold_duration_seconds',
    type: 'histogram',
    help: 'Time that requests have waited for an environment, by how it ended: go, or why they got no turn (left, late, full, failed …).',
    labels: ['outcome'],
    buckets: waitingBuckets,
  },
  {
    name: 'pulse_gateway_wakes_total',
    type: 'counter',
    help: 'Environments that were woken, by what for (a request, a schedule, or asked by hand) and from which temperature: a process that was `forked` or started `cold`, or `warm` workers that had let go of it.',
    labels: ['cause', 'temperature'],
  },
  {
    name: 'pulse_gateway_wake_duration_seconds',
    type: 'histogram',
    help: 'Time from the decision to wake an environment until it can be served; from `warm` workers, until its first request is answered.',
    labels: ['cause', 'temperature'],
    buckets: waitingBuckets,
  },
  {
    name: 'pulse_gateway_wake_signal_seconds',
    type: 'histogram',
    help: 'Time from the first who wants a sleeping environment until the wish stands in the store; while many start, a place among them is waited for.',
    labels: [],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 10, 60],
  },
  {
    name: 'pulse_gateway_starts_waiting',
    type: 'gauge',
    help: 'Environments that wait for a place among those that start.',
    labels: [],
  },
  {
    name: 'pulse_gateway_sleeps_total',
    type: 'counter',
    help: `Times that an environment has fallen asleep. ${seenByEach}`,
    labels: [],
  },
  {
    name: 'pulse_gateway_aborted_sleeps_total',
    type: 'counter',
    help: `Sleeps that were called off because somebody came before they were decided. ${seenByEach}`,
    labels: [],
  },
  {
    name: 'pulse_gateway_refused_sleeps_total',
    type: 'counter',
    help: `Times it was told that an environment does not fall asleep as ordered by hand: busy, unready, sleepless. ${seenByEach}`,
    labels: ['because'],
  },
  {
    name: 'pulse_gateway_environments',
    type: 'gauge',
    help: `Instances by what they do, those asleep since before the start of the gateway left out. ${seenByEach}`,
    labels: ['state'],
  },
  {
    name: 'pulse_gateway_sockets',
    type: 'gauge',
    help: 'Open WebSockets of clients: attached to a backend, or parked because their environment sleeps.',
    labels: ['state'],
  },
  {
    name: 'pulse_gateway_awake_seconds_total',
    type: 'counter',
    help: `Seconds that an instance was awake. A series ends 10 minutes after its environment fell asleep, so there are about as many as instances that are awake. ${seenByEach}`,
    labels: ['environment'],
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
    name: 'pulse_recycled_workers_total',
    type: 'counter',
    help: 'Workers that were replaced because one of their Deployment had grown beyond PLANA_WORKER_MEMORY_SOFT_PERCENT of its memory limit, by hosting (pool, instance) and major of Odoo.',
    labels: ['hosting', 'major'],
  },
  {
    name: 'pulse_leaks',
    type: 'gauge',
    help: 'Things on this machine that belong to nobody, as the last leak check found them, by type (docs/runbooks/leaks.md). Absent until the first check.',
    labels: ['type'],
  },
  {
    name: 'pulse_task_step_duration_seconds',
    type: 'histogram',
    help: 'Time of each finished step of a task, such as `publish` of `claim`.',
    labels: ['task', 'step'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900],
  },
]
