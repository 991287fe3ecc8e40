/** Our gateway with sockets to park, put to sleep and woken by messages of the bench that forked it. */
import { memoryUsage } from 'node:process'
import { createFixedWaker, createGateway, type Route } from '@pulse/gateway'
import { createParkedBus } from '@pulse/odoo'
import { createLog } from '@pulse/service'

const [backendPort = 0, tenants = 0] = process.argv.slice(2).map(Number)
const names = Array.from({ length: tenants }, (_, at) => `t${at}`)
const routes = new Map(
  names.map((name): [string, Route] => [
    `${name}.localhost`,
    {
      environment: `${name}-prod`,
      hostname: `${name}.localhost`,
      displayName: name,
      state: { phase: 'serving' },
    },
  ]),
)
const backend = { address: '127.0.0.1', httpPort: backendPort, websocketPort: backendPort }
const awake = new Set<string>()
/** Whoever sleeps and wakes here does so at a word of the bench. */
const waker = createFixedWaker(() => undefined)
const gateway = createGateway({
  routes: { find: (host) => routes.get(host) },
  waker,
  log: createLog('warn').child({ part: 'gateway' }),
  parked: {
    protocol: createParkedBus({ now: () => performance.now(), readPosition: async () => 1 }),
    life: {
      backend: async ({ environment }) => (awake.has(environment) ? backend : undefined),
      active() {},
      refused() {},
    },
  },
})
const port = await gateway.listen({ hosts: ['127.0.0.1'], port: 0 })
process.send?.({ port })

/** Every other tenant: a descriptor for each end of each socket is more than a process may have. */
const halfOf = (which: number) =>
  names.filter((_, at) => at % 2 === which).map((name) => `${name}-prod`)

process.on('message', async ({ word, half }: { readonly word: string; readonly half: number }) => {
  const environments = halfOf(half)
  if (word === 'sleep') {
    for (const name of environments) awake.delete(name)
    await Promise.all(environments.map((name) => gateway.parking.sleeping(name)))
  }
  if (word === 'wake') {
    for (const name of environments) awake.add(name)
    for (const name of environments) gateway.parking.awake(name)
  }
  if (word === 'collect') globalThis.gc?.()
  // What V8 does by itself when memory is short or nothing happens for long.
  if (word === 'compact') globalThis.gc?.({ type: 'major', flavor: 'last-resort' })
  process.send?.({ rss: memoryUsage.rss(), ...gateway.parking.counts() })
})
