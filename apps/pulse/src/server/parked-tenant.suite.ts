import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { OdooMajor } from '@pulse/api'
import {
  type Backend,
  createGateway,
  type Gateway,
  type LifeRecord,
  type Route,
  type Sight,
  type Waker,
} from '@pulse/gateway'
import {
  createAdministration,
  createBusPositions,
  createParkedBus,
  createTenantReader,
  prepareServer,
} from '@pulse/odoo'
import {
  createTestDatabase,
  createVisitor,
  type RunningStandIn,
  sql,
  startStandIn,
  testPostgres,
  type Visitor,
} from '@pulse/testing'
import { onTestFinished, vi } from 'vitest'
import { WebSocket } from 'ws'
import { silent } from '../silent-log.suite.ts'

/** A busy machine takes its time. */
export const patience = { timeout: 30_000, interval: 20 }

/** One tenant with a database of its own, whose process comes and goes; behind a gateway that parks its sockets. */
export interface ParkedTenant extends AsyncDisposable {
  readonly hostname: string
  readonly port: number
  readonly gateway: Gateway
  readonly wakes: () => number
  /** How often somebody has learnt how far the bus has come. */
  readonly positions: () => number
  wake(): Promise<void>
  /** A process runs again, and its sockets have not been told yet; `wake` does that. */
  start(): Promise<void>
  /** The backends' sides first, then the process, as the gateway puts a tenant to sleep. */
  sleep(): Promise<void>
  /** While it sleeps: a database of another major takes the place of its own, as at the cut-over of an upgrade. */
  upgradeTo(major: OdooMajor): Promise<void>
  visitor(): Visitor
  /** A browser of somebody who is logged in. */
  openTab(login: string): Promise<Tab>
  /** Another tab of the same browser. */
  openTabAs(visitor: Visitor): Promise<Tab>
  /** Written by one user for another, in the database and nowhere else. */
  notify(login: string, payload: string): Promise<void>
  query(text: string): Promise<readonly Record<string, unknown>[]>
}

export interface Tab {
  readonly visitor: Visitor
  readonly socket: WebSocket
  readonly payloads: () => readonly unknown[]
  readonly closed: Promise<readonly [number, string]>
  readonly isOpen: () => boolean
  subscribe(last: number): void
  say(name: string, data: unknown): void
}

export async function makeParkedTenant(first: OdooMajor): Promise<ParkedTenant> {
  const hostname = await createDatabase()
  const dataDir = await mkdtemp(join(tmpdir(), 'pulse-parked-'))
  const environment = 'acme-prod'
  const { socketFolder: host, host: address, port: postgresPort, user, password } = testPostgres()
  let major = first
  let odoo: RunningStandIn | undefined
  let backend: Backend | undefined
  let wakes = 0
  let positions = 0

  async function start(...more: string[]) {
    odoo = await startStandIn({
      major,
      args: [`--data-dir=${dataDir}`, '--db-filter=^%h$', '--proxy-mode', '-d', hostname, ...more],
      environment: { PGHOST: host, PGPORT: String(postgresPort), PGUSER: user },
    })
    const { httpPort } = odoo
    const ready = createVisitor(httpPort, hostname)
    await vi.waitFor(async () => {
      const { status } = await ready.get('/web/login')
      if (status !== 200) throw new Error(`not ready yet: ${status}`)
    }, patience)
    backend = { address: '127.0.0.1', httpPort, websocketPort: httpPort }
  }

  async function stop() {
    backend = undefined
    await odoo?.stop()
  }

  async function startOnce() {
    if (backend !== undefined) return
    wakes += 1
    await start()
  }

  async function wake() {
    await startOnce()
    gateway.parking.awake(environment)
  }

  const route: Route = {
    environment,
    hostname,
    displayName: 'Acme',
    state: { phase: 'serving' },
  }
  const server = {
    admin: { host, port: postgresPort, user },
    tenant: { host: address, port: postgresPort },
    // Whoever reads on this server reads with it.
    password: async () => password,
  }
  await prepareServer(createAdministration(server))
  const readPosition = createBusPositions(createTenantReader(server))
  const gateway = createGateway({
    routes: { find: (name) => (name === hostname ? route : undefined) },
    waker: wakerOf(environment, () => backend),
    log: silent,
    limits: { drainMs: 0 },
    parked: {
      life: {
        async backend(_route, asked) {
          if (asked.wake) await startOnce()
          return backend
        },
        active() {},
        refused() {},
      },
      protocol: createParkedBus({
        now: () => performance.now(),
        readPosition: async (name) => {
          const position = await readPosition(name)
          positions += 1
          return position
        },
      }),
      limits: { jitterMs: 100 },
    },
  })
  await start('-i', 'base')
  for (const login of ['one', 'two']) await addUser(hostname, login)
  const port = await gateway.listen({ hosts: ['127.0.0.1'], port: 0 })
  const visitor = () => createVisitor(port, hostname)

  return {
    hostname,
    port,
    gateway,
    wakes: () => wakes,
    positions: () => positions,
    wake,
    start: startOnce,
    async sleep() {
      backend = undefined
      await gateway.parking.sleeping(environment)
      await stop()
    },
    async upgradeTo(next) {
      await sql('postgres', `DROP DATABASE "${hostname}" WITH (FORCE)`)
      await sql('postgres', `CREATE DATABASE "${hostname}"`)
      major = next
      await start('-i', 'base')
      await stop()
    },
    visitor,
    async openTab(login) {
      const person = visitor()
      await person.logIn(login, 'admin')
      return await openTab(port, hostname, person)
    },
    openTabAs: (person) => openTab(port, hostname, person),
    async notify(login, payload) {
      const [row] = await sql(hostname, 'SELECT partner_id AS id FROM res_users WHERE login = $1', [
        login,
      ])
      const channel = JSON.stringify([hostname, 'res.partner', Number(row?.id)])
      await sql(
        hostname,
        `INSERT INTO bus_bus (channel, message, create_date)
         VALUES ($1, $2, now() AT TIME ZONE 'UTC')`,
        [channel, JSON.stringify({ type: 'note', payload })],
      )
      await sql('postgres', `SELECT pg_notify('imbus', $1)`, [`[${channel}]`])
    },
    query: (text) => sql(hostname, text),
    async [Symbol.asyncDispose]() {
      await gateway.close()
      await odoo?.stop()
      await sql('postgres', `DROP DATABASE IF EXISTS "${hostname}" WITH (FORCE)`)
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** Awake while it has a backend; nobody else puts it to sleep. */
function wakerOf(name: string, backend: () => Backend | undefined): Waker {
  const record: LifeRecord = { generation: 1, state: 'up', words: [], since: 0 }
  const see = (environment: string): Sight | undefined =>
    environment === name
      ? {
          record,
          version: 1,
          ready: [backend() ?? []].flat(),
          starting: [],
          leaving: 0,
          isGone: false,
          service: 'active',
          wakeTimeoutMs: 30_000,
          concurrency: 4,
          priority: 0,
        }
      : undefined
  return {
    see,
    look: async (environment) => see(environment),
    write: async () => ({ record, version: 1 }),
    isReady: async () => backend() !== undefined,
    doubt() {},
    members: () => ['gateway'],
    awake: () => [],
    onChange() {},
  }
}

async function openTab(port: number, hostname: string, visitor: Visitor): Promise<Tab> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/websocket?version=18.0-5`, {
    origin: `http://${hostname}`,
    headers: { host: hostname, cookie: visitor.cookie(), 'user-agent': 'Mozilla/5.0 (Test)' },
  })
  onTestFinished(() => socket.terminate())
  const payloads: unknown[] = []
  socket.on('message', (data) => {
    for (const { message } of JSON.parse(data.toString())) payloads.push(message.payload)
  })
  const { promise: closed, resolve } = Promise.withResolvers<readonly [number, string]>()
  socket.on('close', (code, reason) => resolve([code, reason.toString()]))
  await once(socket, 'open')
  const say = (name: string, data: unknown) =>
    socket.send(JSON.stringify({ event_name: name, data }))
  return {
    visitor,
    socket,
    payloads: () => payloads,
    closed,
    isOpen: () => socket.readyState === WebSocket.OPEN,
    subscribe: (last) => say('subscribe', { channels: [], last }),
    say,
  }
}

/** An empty database with a name that is a host's. */
async function createDatabase(): Promise<string> {
  const { name } = await createTestDatabase()
  const hostname = name.replaceAll('_', '-')
  await sql('postgres', `ALTER DATABASE ${name} RENAME TO "${hostname}"`)
  return hostname
}

/** Somebody with the administrator's password. */
async function addUser(database: string, login: string) {
  await sql(
    database,
    `WITH partner AS (
       INSERT INTO res_partner (name, active, lang, type, is_company, partner_share)
       VALUES ($1, true, 'en_US', 'contact', false, false) RETURNING id
     )
     INSERT INTO res_users (login, password, partner_id, company_id, active, share)
     SELECT $1, admin.password, partner.id, admin.company_id, true, false
     FROM partner, res_users admin WHERE admin.login = 'admin'`,
    [login],
  )
}
