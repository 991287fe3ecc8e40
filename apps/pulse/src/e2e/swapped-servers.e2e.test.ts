import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { createFixedWaker, createGateway, type Sight, servedBy, type Waker } from '@pulse/gateway'
import { createVisitor, fixturesMissing, freePort, sql, type TestDatabase } from '@pulse/testing'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { silent } from '../silent-log.suite.ts'
import { startGuardedOdoo } from './guarded-odoo.suite.ts'
import { type GuardedStandIn, startGuardedStandIn } from './guarded-stand-in.suite.ts'
import { odooMissing as noOdoo, odooSource } from './real-odoo.suite.ts'
import { restoreOdoo } from './restored-odoo.suite.ts'
import { createTenantRole } from './tenant-role.suite.ts'

const roles = [
  { name: 'swapped_acme', password: 'secret', host: 'swapped-acme.localhost' },
  { name: 'swapped_beta', password: 'secret', host: 'swapped-beta.localhost' },
] as const
const limitMs = 180_000
const patience = { timeout: 60_000, interval: 5 }

type Server = Pick<GuardedStandIn, 'httpPort' | 'identity' | typeof Symbol.asyncDispose>

type Start = (role: (typeof roles)[number]) => Promise<Server>

interface Tenant {
  readonly host: string
  readonly server: Server
}

describe.skipIf(fixturesMissing !== undefined)(
  `two servers of two tenants (${fixturesMissing ?? 'databases of Odoo 18'})`,
  () => {
    const databases: TestDatabase[] = []

    beforeAll(async () => {
      for (const { host: hostname, ...role } of roles) {
        await createTenantRole(role)
        const database = await restoreOdoo(role.name)
        await sql('postgres', `REVOKE ALL ON DATABASE ${database.name} FROM PUBLIC`)
        // Its test database has a name that is no host.
        await sql('postgres', `ALTER DATABASE ${database.name} RENAME TO "${hostname}"`)
        databases.push(database)
      }
    }, limitMs)
    afterAll(async () => {
      for (const [index, { name, host }] of roles.entries()) {
        const database = databases[index]
        if (database === undefined) break
        await sql('postgres', `ALTER DATABASE "${host}" RENAME TO ${database.name}`)
        await database.drop()
        await sql('postgres', `DROP ROLE ${name}`)
      }
    })

    const kinds: readonly (readonly [string, string | undefined, Start])[] = [
      ['the stand-in', undefined, (role) => startGuardedStandIn(role, 0)],
      ['Odoo 18', noOdoo, (role) => startGuardedOdoo(odooSource, role, 0)],
    ]
    describe.each(kinds)('of %s', (_, why, start) => {
      test.skipIf(why !== undefined)(
        `change addresses under load, and nobody gets a byte of the other (${why ?? 'tried'})`,
        async () => {
          await using servers = new AsyncDisposableStack()
          const tenants: Tenant[] = []
          for (const role of roles) {
            tenants.push({ host: role.host, server: servers.use(await start(role)) })
          }
          const { port, swap, refused } = await serveSwapped(tenants)
          const answers: (readonly [number, boolean])[] = []
          let isOver = false
          const ask = async ({ host }: Tenant) => {
            while (!isOver) {
              const { status, text } = await createVisitor(port, host).get('/web/login')
              answers.push([status, text.includes('name="login"')])
            }
          }
          const load = [...tenants, ...tenants].map(ask)
          for (let swaps = 0; swaps < 10; swaps += 1) {
            const goal = answers.length + 8
            await expect.poll(() => answers.length, patience).toBeGreaterThan(goal)
            await swap()
          }
          isOver = true
          await Promise.all(load)
          // A server that took a stranger's request would have no database to serve it from.
          expect(answers.filter(([status, isLogin]) => status !== 200 || !isLogin)).toEqual([])
          expect(refused()).toBeGreaterThan(0)
        },
        limitMs,
      )
    })
  },
)

/** A gateway in front of two servers whose addresses lead to each other's process from time to time. */
async function serveSwapped(tenants: readonly Tenant[]) {
  const homes = tenants.map(({ server }) => server.httpPort)
  const ports = await Promise.all(homes.map((_, place) => openDoor(() => homes[place] ?? 0)))
  /** What the gateway believes of where they are. */
  let believed = tenants.map((_, place) => place)
  const listeners: ((environment: string) => void)[] = []
  const see = (environment: string): Sight | undefined => {
    const index = tenants.findIndex(({ host }) => host === environment)
    const port = ports[believed[index] ?? -1]
    const identity = tenants[index]?.server.identity['X-Pulse-Backend']
    if (port === undefined || identity === undefined) return undefined
    const process = identity
    const backend = { address: '127.0.0.1', httpPort: port, websocketPort: port, identity, process }
    return servedBy([backend], { wakeTimeoutMs: 30_000 })
  }
  const waker: Waker = {
    ...createFixedWaker(see),
    onChange: (run) => void listeners.push(run),
  }
  const hosts = tenants.map(({ host }) => host)
  let count = 0
  const gateway = createGateway({
    routes: {
      find: (host) =>
        hosts.includes(host)
          ? { environment: host, hostname: host, displayName: host, state: { phase: 'serving' } }
          : undefined,
    },
    ...{ waker, log: silent, life: { sweepMs: 5, retryMs: [1, 4] } },
    onRefused(reason) {
      if (reason === 'identity') count += 1
    },
  })
  onTestFinished(() => gateway.close())
  return {
    port: await gateway.listen({ hosts: ['127.0.0.1'], port: 0 }),
    /** How often a server has said that it was not meant. */
    refused: () => count,
    async swap() {
      homes.reverse()
      // For a while the gateway has not heard of it.
      await delay(100)
      believed = believed.toReversed()
      for (const tell of listeners) for (const host of hosts) tell(host)
    },
  }
}

/** An address that leads to whoever lives there when a connection is opened. */
async function openDoor(home: () => number): Promise<number> {
  const open = new Set<Socket>()
  const server = createServer((client) => {
    const inside = connect(home(), '127.0.0.1')
    for (const socket of [client, inside]) {
      open.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => open.delete(socket))
    }
    client.pipe(inside).pipe(client)
  })
  onTestFinished(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  const port = await freePort()
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return port
}
