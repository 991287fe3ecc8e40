import { createServer } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { createGateway } from '../gateway.ts'
import {
  backendAt,
  eventually,
  listen,
  openSocket,
  routeTo,
  silent,
  sleeper,
} from '../gateway-under-test.suite.ts'
import { createManualClock } from '../manual-clock.suite.ts'
import type { Sight } from './waker.ts'

test.each(['suspended', 'disabled'] as const)(
  'an answer that never ends keeps no tenant running that is %s: it has half a minute',
  async (service) => {
    const clock = createManualClock()
    const seen: { service: Sight['service']; idleMs: number } = {
      service: 'active',
      idleMs: 60_000,
    }
    const tenant = sleeper({}, seen)
    const gateway = createGateway({
      routes: { find: () => routeTo('acme', []) },
      waker: {
        ...tenant.waker,
        see: () => ({ ...tenant.waker.see('acme-prod'), ...seen }) as Sight,
      },
      log: silent,
      clock,
      limits: { drainMs: 0 },
      admission: { ownQuestionsDelayMs: 1e9 },
    })
    onTestFinished(() => gateway.close())
    const port = await gateway.listen({ hosts: ['127.0.0.1'], port: 0 })
    let left = false
    const odoo = createServer((_, answer) => {
      answer.writeHead(200).write('and so on')
      answer.on('close', () => {
        left = true
      })
    })
    const backend = backendAt(await listen(odoo))
    const client = openSocket(port, 'GET /web/dataset/x HTTP/1.1\r\nHost: acme.localhost\r\n\r\n')
    await eventually(() => expect(tenant.writes).toHaveLength(1))
    tenant.bring(backend)
    await eventually(() => expect(client.received()).toContain('and so on'))
    seen.service = service
    await clock.advance(28_000)
    expect([left, tenant.writes.length]).toEqual([false, 1])
    // Half a minute, and three sweeps of 1.5 s at most: to hear of it, to begin to count, and to find that it is over.
    await clock.advance(7_000)
    await client.closed
    await eventually(() => expect(left).toBe(true))
    await clock.advance(5_000)
    expect(tenant.writes.at(-1)).toMatchObject({ state: 'down' })
  },
)
