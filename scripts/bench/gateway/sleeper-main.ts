/** Our gateway before one small backend that sleeps; the word `sleep` by IPC is answered when its process is gone. */
import { createGateway, type Route } from '@pulse/gateway'
import { createLog } from '@pulse/service'
import { createProcessWaker } from './process-waker.ts'

const [program = ''] = process.argv.slice(2)
const ending = new AbortController()
const waker = createProcessWaker({ environment: 'bench-prod', program, signal: ending.signal })
const route: Route = {
  environment: 'bench-prod',
  hostname: 'bench.localhost',
  displayName: 'Bench',
  state: { phase: 'serving' },
}
const gateway = createGateway({
  routes: { find: (host) => (host === route.hostname ? route : undefined) },
  waker,
  // People wait half a minute after a start and seldom send to sleep; here it is done hundreds of times.
  life: { graceMs: 0, sweepMs: 20 },
  admission: { wakes: { environmentPerHour: 1e6, addressPerHour: 1e6, allPerMinute: 1e6 } },
  limits: { drainMs: 0 },
  log: createLog('error'),
})
process.on('message', () => void waker.sleep().then(() => process.send?.('asleep')))
process.once('SIGTERM', async () => {
  await gateway.close()
  ending.abort()
  waker.end()
  process.disconnect()
})
console.log(JSON.stringify({ port: await gateway.listen({ hosts: ['127.0.0.1'], port: 0 }) }))
