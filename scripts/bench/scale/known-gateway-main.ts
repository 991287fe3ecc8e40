/**
 * Our gateway over the store of a bench, as `pulse up` opens it, in a process of its own. Arguments: how to reach the
 * store, and how many tenants there are. Each message is answered with what was measured since the last one.
 */
import { flushCompileCache } from 'node:module'
import { memoryUsage } from 'node:process'
import { createKinds } from '@pulse/api'
import { createEventRecorder, createPostgresObjects, systemClock } from '@pulse/engine'
import { type Clock, defaultLifeLimits, systemClock as systemTimers } from '@pulse/gateway'
import { createLog, createMetrics } from '@pulse/service'
import { openGateway } from '../../../apps/pulse/src/server/gateway.ts'
import { metricDefinitions } from '../../../apps/pulse/src/server/metrics.ts'
import { hostOf } from './known-tenants.ts'

const [connection = '{}', tenants = '0'] = process.argv.slice(2)
const lookups = 1_000_000
const log = createLog('warn')
const registry = await createKinds()
const objects = await createPostgresObjects({
  connection: JSON.parse(connection),
  kinds: registry.findKind,
  log,
})
let sweepMs: number[] = []

/** Looks from time to time at who may sleep are timed: nothing else here waits for about a second. */
const timers: Clock = {
  ...systemTimers,
  after(milliseconds, run) {
    const isSweep = Math.abs(milliseconds / defaultLifeLimits.sweepMs - 1) <= 0.5
    if (!isSweep) return systemTimers.after(milliseconds, run)
    return systemTimers.after(milliseconds, () => {
      const begun = performance.now()
      run()
      sweepMs.push(performance.now() - begun)
    })
  },
}
const gateway = await openGateway({
  objects,
  events: createEventRecorder({ objects, log, clock: systemClock, component: 'pulse-gateway' }),
  domains: { tenant: 'localhost', dev: 'localhost' },
  limits: {},
  life: { graceMs: 0 },
  concurrency: 4,
  leaseSeconds: 15,
  timers,
  clock: systemClock,
  log,
  metrics: await createMetrics(metricDefinitions),
  signal: new AbortController().signal,
})
// It ends without a word, and so could not keep it later.
flushCompileCache()
process.send?.({ port: await gateway.listen({ hosts: ['127.0.0.1'], port: 0 }) })
process.on('message', () => {
  process.send?.({ rss: memoryUsage.rss(), sweepMs, ...lookUp() })
  sweepMs = []
})

/** All hosts in an order that no cache foresees, again and again. */
function lookUp() {
  const hosts = Array.from({ length: Number(tenants) }, (_, at) =>
    hostOf((at * 7_919) % Number(tenants)),
  )
  let known = hosts.filter((host) => gateway.isKnown(host)).length
  const begun = performance.now()
  for (let count = 0; count < lookups; count += 1) {
    if (!gateway.isKnown(hosts[count % hosts.length] ?? '')) known -= 1
  }
  return { known, lookupNs: ((performance.now() - begun) * 1e6) / lookups }
}
