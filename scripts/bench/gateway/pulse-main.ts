/** Our gateway as `pulse start gateway` wires it, in front of one backend; its port is written to standard output. */
import { createGateway, parseMonitors, type Route, type Sight } from '@pulse/gateway'
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
const sight: Sight = {
  record: { generation: 1, state: 'up', words: [], since: 0 },
  version: 1,
  ready: [
    {
      address: '127.0.0.1',
      httpPort: backendPort,
      websocketPort: backendPort,
      process: 'bench',
      identity: `bench-prod.1.${'0'.repeat(64)}`,
    },
  ],
  starting: [],
  leaving: 0,
  isGone: false,
  service: 'active',
  idleMs: 900_000,
  wakeTimeoutMs: 300_000,
  concurrency: 4,
  priority: 0,
}
const routes = new Map([[route.hostname, route]])
const log = createLog('info').child({ part: 'gateway' })
const gateway = createGateway({
  routes: { find: (host) => routes.get(host) },
  waker: {
    see: () => sight,
    look: async () => sight,
    write: async (_, { expected }) => ({ record: expected, version: 1 }),
    isReady: async () => true,
    doubt() {},
    members: () => ['gateway'],
    awake: () => ['bench-prod'],
    onChange() {},
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
