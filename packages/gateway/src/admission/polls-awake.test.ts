import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
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
import { guardedProcess } from '../guarded-process.suite.ts'
import { createManualClock } from '../manual-clock.suite.ts'
import { nothingNew, pollingProtocol } from './polling-protocol.suite.ts'

const poll = {
  method: 'POST',
  headers: { 'content-type': 'application/json', cookie: 'session_id=s' },
  body: '{"jsonrpc":"2.0","method":"call","params":{"channels":[],"last":7},"id":3}',
}
const idleMs = 60_000

/** A worker that holds polls until the test answers them. */
async function worker() {
  const polls: { readonly request: IncomingMessage; readonly answer: ServerResponse }[] = []
  const server = createServer((request, answer) => {
    request.resume()
    if (request.url === '/longpolling/poll') polls.push({ request, answer })
    else answer.end('a page')
  })
  const port = await listen(server)
  const backend = { ...backendAt(port), process: String(port) }
  return { polls, backend, server }
}

/** A worker whose tenant is asked nothing. */
async function refusing(guard: { readonly identity: string; readonly isSealed: boolean }) {
  let refusals = 0
  const tenant = () => expect.unreachable()
  const { answer } = guardedProcess({ ...guard, answer: tenant })
  const server = createServer((request, response) => {
    refusals += 1
    answer(request, response)
  })
  return { backend: backendAt(await listen(server)), refusals: () => refusals }
}

async function awake() {
  const clock = createManualClock()
  const first = await worker()
  const tenant = sleeper({}, { wakeTimeoutMs: 30_000, idleMs })
  const facts: RequestFacts[] = []
  const route = routeTo('acme', [])
  const gateway = createGateway({
    routes: { find: () => route },
    waker: tenant.waker,
    log: silent,
    clock,
    limits: { drainMs: 4_000 },
    parked: { protocol: pollingProtocol },
    onRequest: (fact) => facts.push(fact),
    admission: { ownQuestionsDelayMs: 1e9 },
  })
  onTestFinished(() => gateway.close())
  const port = await gateway.listen({ hosts: ['127.0.0.1'], port: 0 })
  const wake = async (backend = first.backend) => {
    const woken = gateway.lives.wake('acme-prod', 'request')
    await eventually(() => expect(tenant.writes.at(-1)).toMatchObject({ state: 'up' }))
    tenant.bring(backend)
    expect(await woken).toBe('awake')
  }
  await wake()
  const ask = () => fetchFrom(port, '/longpolling/poll', poll)
  const held = async (times: number, at = first) => {
    await eventually(() => expect(at.polls).toHaveLength(times))
  }
  /** Until its sleep is decided; every poll is answered and asked again in the meantime. */
  const idle = async () => {
    for (let second = 0; second < 200 && tenant.writes.at(-1)?.state !== 'down'; second += 1) {
      await clock.advance(1_000)
    }
  }
  return { ...tenant, port, clock, gateway, facts, first, wake, ask, held, idle }
}

test('long polls, one after the other, keep nobody awake; the last ends without news when its tenant stops', async () => {
  const { writes, first, ask, held, idle, facts } = await awake()
  const answered = ask()
  await held(1)
  first.polls[0]?.answer.end('{"result": [{"id": 8}]}')
  expect((await answered).body).toBe('{"result": [{"id": 8}]}')
  const last = ask()
  await held(2)
  await idle()
  expect(writes.at(-1)).toMatchObject({ state: 'down' })
  expect((await last).body).toBe(nothingNew)
  await eventually(() =>
    expect(facts.map((fact) => [fact.class, fact.status])).toEqual([
      ['long-poll', 200],
      ['long-poll', 200],
    ]),
  )
})

test('a notification that is written while the tenant stops or sleeps arrives with the next poll after it woke', async () => {
  const { first, ask, held, idle, sleep, wake } = await awake()
  const last = ask()
  await held(1)
  await idle()
  await last
  const kept = ask()
  sleep()
  const second = await worker()
  await wake(second.backend)
  await held(1, second)
  second.polls[0]?.answer.end('{"result": [{"id": 8}]}')
  expect((await kept).body).toBe('{"result": [{"id": 8}]}')
  expect(first.polls).toHaveLength(1)
})

test('a poll that a sealed worker refuses waits on, and is the next worker’s', async () => {
  const { bring, ask } = await awake()
  const sealed = await refusing({ identity: 'acme-prod.1.a', isSealed: true })
  bring({ ...sealed.backend, identity: 'acme-prod.1.a', process: 'sealed' })
  const kept = ask()
  await eventually(() => expect(sealed.refusals()).toBe(1))
  const second = await worker()
  bring(second.backend)
  await eventually(() => expect(second.polls).toHaveLength(1))
  second.polls[0]?.answer.end('news')
  expect((await kept).body).toBe('news')
})

test('a poll whose worker was not the right one goes to another that is ready, though its tenant was awake all the while', async () => {
  const { clock, bring, ask } = await awake()
  const stranger = await refusing({ identity: 'other-prod.1.b', isSealed: false })
  bring({ ...stranger.backend, identity: 'acme-prod.1.a', process: 'stranger' })
  const kept = ask()
  await eventually(() => expect(stranger.refusals()).toBe(1))
  const second = await worker()
  bring(second.backend)
  await clock.advance(2_000)
  await eventually(() => expect(second.polls).toHaveLength(1))
  second.polls[0]?.answer.end('news')
  expect((await kept).body).toBe('news')
})

test('the end of a worker that holds a poll is no error: it ends without news, and is asked by nobody but its client again', async () => {
  const { clock, first, ask, held } = await awake()
  const cut = ask()
  await held(1)
  await clock.advance(5_000)
  first.polls[0]?.answer.destroy()
  const { status, body } = await cut
  expect([status, body]).toEqual([200, nothingNew])
  expect(first.polls).toHaveLength(1)
  // One that is cut at once would be asked again at once, and so on.
  const broken = ask()
  await held(2)
  first.polls[1]?.answer.destroy()
  expect((await broken).status).toBe(502)
})

test('a gateway that ends waits for no poll that a worker holds', async () => {
  const { gateway, ask, held } = await awake()
  const last = ask()
  await held(1)
  await gateway.close()
  expect((await last).body).toBe(nothingNew)
})

test.each([
  ['after a log-out', 200, '{"error": {"code": 100, "message": "Odoo Session Expired"}}'],
  ['after an upgrade to one without long polls', 404, 'Not Found'],
])('%s a kept poll hears what Odoo says', async (_, status, body) => {
  const { idle, sleep, ask, wake } = await awake()
  await idle()
  sleep()
  const kept = ask()
  const second = await worker()
  await wake(second.backend)
  await eventually(() => expect(second.polls).toHaveLength(1))
  expect(second.polls[0]?.request.headers.cookie).toBe('session_id=s')
  second.polls[0]?.answer.writeHead(status).end(body)
  expect(await kept).toMatchObject({ status, body })
})
