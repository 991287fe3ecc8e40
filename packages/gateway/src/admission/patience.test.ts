import { expect, test } from 'vitest'
import {
  backendAt,
  eventually,
  fetchFrom,
  listen,
  rawBackend,
  routeTo,
  serve,
  sleeper,
} from '../gateway-under-test.suite.ts'
import { createManualClock } from '../manual-clock.suite.ts'

const page = { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }

/** A tenant that sleeps, and whose wake took half a second when it was last woken. */
async function quickWaker() {
  const clock = createManualClock()
  const tenant = sleeper({}, { wakeTimeoutMs: 60_000 })
  const port = await serve([routeTo('acme', [])], {
    waker: tenant.waker,
    clock,
    life: { patienceMs: 0 },
  })
  const backend = backendAt(await listen(rawBackend('HTTP/1.0 200 OK\r\n\r\nawake')))
  const first = fetchFrom(port, '/')
  await eventually(() => expect(tenant.writes).toHaveLength(1))
  await clock.advance(500)
  tenant.bring(backend)
  expect((await first).body).toBe('awake')
  tenant.sleep()
  const opened = fetchFrom(port, '/odoo', { headers: page })
  await eventually(() => expect(tenant.writes).toHaveLength(2))
  return { ...tenant, clock, port, opened, backend }
}

test('who opens a page of a tenant that wakes soon waits for it', async () => {
  const { clock, opened, bring, backend } = await quickWaker()
  await clock.advance(1_900)
  bring(backend)
  expect(await opened).toMatchObject({ status: 200, body: 'awake' })
})

test('who has looked at an empty page for two seconds is told what goes on, and the wake goes on', async () => {
  const { clock, port, opened, bring, backend, writes } = await quickWaker()
  await clock.advance(2_001)
  const told = await opened
  expect(told.status).toBe(503)
  expect(told.body).toContain('/.pulse/wake')
  bring(backend)
  const again = await fetchFrom(port, '/odoo', { headers: page })
  expect(again).toMatchObject({ status: 200, body: 'awake' })
  expect(writes).toHaveLength(2)
})
