import { once } from 'node:events'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { createTestDatabase, type TestDatabase } from '../postgres.ts'
import { runOdoo, sql, startPool, type TestServer } from './site.testing.ts'
import { createVisitor } from './visitor.testing.ts'

/** A busy machine takes its time. */
const patience = { timeout: 30_000 }

describe('the websocket', () => {
  let database: TestDatabase
  let server: TestServer

  beforeAll(async () => {
    database = await createTestDatabase()
    await runOdoo('18', '-d', database.name, '-i', 'base', '--stop-after-init')
    server = await startPool('18')
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    await database.drop()
  })

  test('says nothing until it is subscribed, then what is sent to everyone', async () => {
    const { socket, received } = await open(server.odoo.httpPort)
    await notify('early')
    const [earlier] = await sql(database.name, 'SELECT max(id) AS id FROM bus_bus')
    await subscribe(socket, Number(earlier?.id))
    await notify('later')
    await expect
      .poll(() => received.flat().map(({ message }) => message.payload), patience)
      .toEqual(['later'])
    socket.terminate()
  })

  test('tells a new client of the last moments, and nobody twice', async () => {
    const { socket, received } = await open(server.odoo.httpPort)
    await subscribe(socket, 0)
    await notify('once')
    await notify('twice')
    const payloads = () => received.flat().map(({ message }) => message.payload)
    await expect.poll(payloads, patience).toContain('twice')
    expect(payloads().filter((payload) => payload === 'once')).toHaveLength(1)
    socket.terminate()
  })

  test('accepts a presence', async () => {
    const { socket } = await open(server.odoo.httpPort)
    socket.send(JSON.stringify({ event_name: 'update_presence', data: { inactivity_period: 0 } }))
    socket.ping()
    await once(socket, 'pong')
    expect(socket.readyState).toBe(WebSocket.OPEN)
    socket.terminate()
  })

  test('a browser with an outdated worker is told so', async () => {
    const { closed } = await open(server.odoo.httpPort, {
      query: '?version=17.0-0',
      headers: { 'user-agent': 'Mozilla/5.0' },
    })
    expect(await closed).toEqual([1000, 'OUTDATED_VERSION'])
  })

  test('a lost session ends with 4001', async () => {
    const { socket, closed } = await open(server.odoo.httpPort)
    const sessions = join(server.dataDir, 'sessions')
    for (const folder of await readdir(sessions))
      await rm(join(sessions, folder), { recursive: true })
    await subscribe(socket, 0)
    expect(await closed).toEqual([4001, ''])
  })

  test('a handshake without an Origin is refused', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.odoo.httpPort}/websocket`, {
      headers: { host: database.name },
    })
    const [error]: Error[] = await once(socket, 'error')
    expect(error?.message).toContain('400')
  })

  test('a stop says goodbye with 1001', async () => {
    await using other = await startPool('18')
    const { closed } = await open(other.odoo.httpPort)
    await other.odoo.stop()
    expect(await closed).toEqual([1001, ''])
  })

  test('with workers it lives on the evented port alone', async () => {
    await using other = await startPool('18', ['--workers=1', '--max-cron-threads=0'])
    const { socket } = await open(other.odoo.geventPort ?? 0)
    expect(socket.readyState).toBe(WebSocket.OPEN)
    socket.terminate()
    await expect(open(other.odoo.httpPort)).rejects.toThrow('500')
  })

  async function open(
    port: number,
    more: { query?: string; headers?: Record<string, string> } = {},
  ) {
    const visitor = createVisitor(port, database.name)
    await createVisitor(server.odoo.httpPort, database.name).get('/web/login')
    const socket = new WebSocket(`ws://127.0.0.1:${port}/websocket${more.query ?? ''}`, {
      origin: `http://${database.name}`,
      headers: { host: database.name, cookie: visitor.cookie(), ...more.headers },
    })
    const received: { id: number; message: { type: string; payload: string } }[][] = []
    socket.on('message', (data) => received.push(JSON.parse(data.toString())))
    const closed = once(socket, 'close').then(([code, reason]: unknown[]) => [code, String(reason)])
    closed.catch(() => undefined)
    await once(socket, 'open')
    return { socket, received, closed }
  }

  /** Sent in order with the ping, so a pong means that the subscription was taken up. */
  async function subscribe(socket: WebSocket, last: number) {
    socket.send(JSON.stringify({ event_name: 'subscribe', data: { channels: [], last } }))
  }

  async function notify(payload: string) {
    const channel = JSON.stringify([database.name, 'broadcast'])
    await sql(
      database.name,
      `INSERT INTO bus_bus (channel, message, create_date) VALUES ($1, $2, now() AT TIME ZONE 'UTC')`,
      [channel, JSON.stringify({ type: 'note', payload })],
    )
    await sql('postgres', `SELECT pg_notify('imbus', $1)`, [`[${channel}]`])
  }
})
