/** A further gateway on the store of a running Pulse, for tests: state directory and lease seconds are its arguments. */
import { createClientKinds } from '@pulse/api'
import { systemClock } from '@pulse/engine'
import { createLog, createMetrics } from '@pulse/service'
import { connectTo } from '../commands/connect.ts'
import { domainsOf, readConfig } from '../config.ts'
import { openGateway } from '../server/gateway.ts'
import { metricDefinitions } from '../server/metrics.ts'

const [stateDir = '', leaseSeconds = '3'] = process.argv.slice(2)
const config = readConfig({ stateDir })
const stop = new AbortController()
const gateway = await openGateway({
  objects: await connectTo(config, createClientKinds()),
  domains: domainsOf(config),
  limits: {},
  life: { graceMs: 0, sweepMs: 200 },
  concurrency: 4,
  leaseSeconds: Number(leaseSeconds),
  clock: systemClock,
  log: createLog('info'),
  metrics: await createMetrics(metricDefinitions),
  signal: stop.signal,
})
console.log(JSON.stringify({ port: await gateway.listen({ hosts: ['127.0.0.1'], port: 0 }) }))
process.once('SIGTERM', () => {
  stop.abort()
  void gateway.close().then(() => process.exit(0))
})
