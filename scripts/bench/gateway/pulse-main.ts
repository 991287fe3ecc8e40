/** Our gateway as `pulse start gateway` wires it, in front of one backend; its port is written to standard output. */
import {
  createFixedWaker,
  createGateway,
  parseMonitors,
  type Route,
  servedBy,
} from '@pulse/gateway'
import { createLog, createMetrics } from '@pulse/service'
import { metricDefinitions } from '../../../apps/pulse/src/server/metrics.ts'
import { recordRequests } from '../../../apps/pulse/src/server/record-requests.ts'

const backendPort = Number(process.argv[2])
const route: Route = {
  environment: 'bench-prod',
  hostname: 'bench.localhost',
  displayName: 'Bench',
  state: { phase: 'serving' },
}
const backend = {
  address: '127.0.0.1',
  httpPort: backendPort,
  websocketPort: backendPort,
  process: 'bench',
  identity: `bench-prod.1.${'0'.repeat(64)}`,
}
const sight = servedBy([backend], { idleMs: 900_000, wakeTimeoutMs: 300_000 })
const routes = new Map([[route.hostname, route]])
const log = createLog('info').child({ part: 'gateway' })
const gateway = createGateway({
  routes: { find: (host) => routes.get(host) },
  waker: {
    ...createFixedWaker(() => sight),
    awake: () => ['bench-prod'],
  },
  admission: {
    trustedProxies: ['10.0.0.0/8', 'fd00::/8'],
    monitors: parseMonitors(['exampleprobe']),
    files: { source: { foldersOf: () => new Map() }, owners: [0] },
  },
  limits: { drainMs: 0 },
  log,
  onRequest: recordRequests(await createMetrics(metricDefinitions), log),
})
console.log(JSON.stringify({ port: await gateway.listen({ hosts: ['127.0.0.1'], port: 0 }) }))
process.once('SIGTERM', () => void gateway.close())
