/**
 * A further gateway on the store of a running Pulse, for tests: state directory and lease seconds are its arguments,
 * and where it reads tenants' databases, if it is to keep schedules.
 */
import { createClientKinds } from '@pulse/api'
import { createEventRecorder, systemClock } from '@pulse/engine'
import { createLog, createMetrics } from '@pulse/service'
import { connectTo } from '../commands/connect.ts'
import { domainsOf, readConfig } from '../config.ts'
import { openGateway } from '../server/gateway.ts'
import { metricDefinitions } from '../server/metrics.ts'

const [stateDir = '', leaseSeconds = '3', postgres] = process.argv.slice(2)
const config = readConfig({ stateDir })
const stop = new AbortController()
const objects = await connectTo(config, createClientKinds())
const log = createLog('info')
const clock = systemClock
const gateway = await openGateway({
  objects,
  events: createEventRecorder({ objects, log, clock, component: 'pulse-gateway' }),
  domains: domainsOf(config),
  limits: {},
  life: { graceMs: 0, sweepMs: 200 },
  concurrency: 4,
  leaseSeconds: Number(leaseSeconds),
  ...(postgres !== undefined && { postgres: JSON.parse(postgres) }),
  clock,
  log,
  metrics: await createMetrics(metricDefinitions),
  signal: stop.signal,
})
console.log(JSON.stringify({ port: await gateway.listen({ hosts: ['127.0.0.1'], port: 0 }) }))
process.once('SIGTERM', () => {
  stop.abort()
  void gateway.close().then(() => process.exit(0))
})
