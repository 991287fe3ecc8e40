/** Our gateway before one tenant who is awake and one who sleeps and does not come up; its port goes to standard output. */
import { createFixedWaker, createGateway, type Route, type Sight, servedBy } from '@pulse/gateway'
import { createLog } from '@pulse/service'

const backendPort = Number(process.argv[2])
const routeOf = (label: string): Route => ({
  environment: `${label}-prod`,
  hostname: `${label}.localhost`,
  displayName: label,
  state: { phase: 'serving' },
})
const backend = { address: '127.0.0.1', httpPort: backendPort, websocketPort: backendPort }
const awake = servedBy([backend], { idleMs: 900_000, wakeTimeoutMs: 300_000 })
const record = { ...awake.record, state: 'down' } as const
const asleep: Sight = { ...awake, record, ready: [], isGone: true }
const routes = new Map(['bench', 'crowded'].map((label) => [`${label}.localhost`, routeOf(label)]))
const sightOf = (environment: string) => (environment === 'bench-prod' ? awake : asleep)
const gateway = createGateway({
  routes: { find: (host) => routes.get(host) },
  waker: {
    ...createFixedWaker(sightOf),
    // It is being started for ever.
    write: () => new Promise(() => {}),
    awake: () => ['bench-prod'],
  },
  log: createLog('error'),
  onRequest() {},
})
console.log(JSON.stringify({ port: await gateway.listen({ hosts: ['127.0.0.1'], port: 0 }) }))
