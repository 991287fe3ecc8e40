import { EventEmitter } from 'node:events'
import { createServer } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { createGateway, type RequestFacts } from '../gateway.ts'
import {
  backendAt,
  eventually,
  fetchFrom,
  listen,
  routeTo,
  silent,
  sleeper,
} from '../gateway-under-test.suite.ts'
import { createManualClock } from '../manual-clock.suite.ts'
import type { ParkedProtocol } from '../parked/parked-protocol.ts'
import { passingProtocol } from '../parked/passing-protocol.ts'
import { createKeptPolls } from './kept-polls.ts'
import { nothingNew, pollingProtocol } from './polling-protocol.suite.ts'

const poll = {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: '{"jsonrpc":"2.0","method":"call","params":{"channels":[],"last":7},"id":3}',
}

async function asleep(protocol: ParkedProtocol = pollingProtocol) {
  const clock = createManualClock()
  const tenant = sleeper({}, { wakeTimeoutMs: 30_000 })
  const facts: RequestFacts[] = []
  const route = routeTo('acme', [])
  const gateway = createGateway({
    routes: { find: () => route },
    waker: tenant.waker,
    log: silent,
    clock,
    limits: { drainMs: 4_000 },
    parked: { protocol },
    onRequest: (fact) => facts.push(fact),
  })
  onTestFinished(() => gateway.close())
  const port = await gateway.listen({ hosts: ['127.0.0.1'], port: 0 })
  const odoo = createServer(async (request, answer) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    answer.end(`Odoo heard ${Buffer.concat(chunks)}`)
  })
  const backend = backendAt(await listen(odoo))
  /** Whatever was sent before has arrived. */
  const arrived = async () => {
    expect((await fetchFrom(port, '/web/health')).status).toBe(200)
  }
  return { ...tenant, port, clock, gateway, facts, arrived, bring: () => tenant.bring(backend) }
}

test('a long poll of a sleeping tenant wakes nobody, and is Odoo’s to answer once somebody else has', async () => {
  const tenant = await asleep()
  const kept = fetchFrom(tenant.port, '/longpolling/poll', poll)
  await tenant.arrived()
  expect(tenant.writes).toEqual([])
  const page = fetchFrom(tenant.port, '/web/dataset/call_kw', poll)
  await eventually(() => expect(tenant.writes).toHaveLength(1))
  tenant.bring()
  expect((await page).body).toContain('Odoo heard')
  expect((await kept).body).toBe(`Odoo heard ${poll.body}`)
})

test('a long poll for which nothing happens ends as its protocol says, and wakes nobody either', async () => {
  const tenant = await asleep()
  let isAnswered = false
  const kept = fetchFrom(tenant.port, '/longpolling/poll', poll)
  void kept.then(() => {
    isAnswered = true
  })
  await tenant.arrived()
  await tenant.clock.advance(49_000)
  await tenant.arrived()
  expect(isAnswered).toBe(false)
  await tenant.clock.advance(1_000)
  const { status, body } = await kept
  expect(status).toBe(200)
  expect(body).toBe(nothingNew)
  expect(tenant.writes).toEqual([])
  await eventually(() =>
    expect(tenant.facts).toContainEqual(
      expect.objectContaining({ class: 'long-poll', handled: 'asleep' }),
    ),
  )
})

test('where nobody knows what a poll is answered it is a request as any other, and wakes', async () => {
  const tenant = await asleep(passingProtocol)
  const answer = fetchFrom(tenant.port, '/longpolling/poll', poll)
  await eventually(() => expect(tenant.writes).toHaveLength(1))
  tenant.bring()
  expect((await answer).body).toBe(`Odoo heard ${poll.body}`)
})

test('beyond the bound of an environment no poll is kept, until one ends or its client leaves', async () => {
  const clock = createManualClock()
  const polls = createKeptPolls(clock)
  const keep = (environment: string, client = new EventEmitter()) =>
    polls.keep(environment, client, { ms: 50_000, end: 'over' })
  const clients = Array.from({ length: 100 }, () => new EventEmitter())
  const ends = clients.map((client) => keep('acme-prod', client))
  expect(keep('acme-prod')).toBeUndefined()
  expect(keep('other-prod')).toBeDefined()
  clients[0]?.emit('close')
  expect(await ends[0]).toBe('left')
  expect(keep('acme-prod')).toBeDefined()
  expect(keep('acme-prod')).toBeUndefined()
  await clock.advance(50_000)
  expect(await ends[1]).toBe('over')
  expect(keep('acme-prod')).toBeDefined()
})

test('a gateway that ends does not wait for long polls: they are told that there is nothing new', async () => {
  const tenant = await asleep()
  const kept = fetchFrom(tenant.port, '/longpolling/poll', poll)
  await tenant.arrived()
  await tenant.gateway.close()
  expect((await kept).body).toBe(nothingNew)
})

test('what else was asked below it is told to come again', async () => {
  const tenant = await asleep()
  const reply = await fetchFrom(tenant.port, '/longpolling/im_status', poll)
  expect(reply.status).toBe(503)
  expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0)
})
