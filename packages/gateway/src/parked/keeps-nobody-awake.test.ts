import { once } from 'node:events'
import { expect, test } from 'vitest'
import { eventually, routeTo, serve, sleeper } from '../gateway-under-test.suite.ts'
import { createManualClock } from '../manual-clock.suite.ts'
import { createFakeEnvironment } from './fake-environment.suite.ts'
import { openClient, rememberingProtocol } from './parked-under-test.suite.ts'

test('an open WebSocket and its keep-alives let its tenant fall asleep, and stay open', async () => {
  const { backendAddress, heard } = await createFakeEnvironment({ isAwake: true })
  const tenant = sleeper({}, { idleMs: 60_000, wakeTimeoutMs: 30_000 })
  const clock = createManualClock()
  const port = await serve([routeTo('acme', [])], {
    waker: tenant.waker,
    clock,
    life: { graceMs: 0 },
    parked: { protocol: rememberingProtocol },
  })
  const client = await openClient(port)
  client.socket.send('a word')
  await eventually(() => expect(tenant.writes).toMatchObject([{ state: 'up' }]))
  tenant.bring(backendAddress)
  await eventually(() => expect(heard).toEqual(['a word']))

  for (let seconds = 0; seconds < 80; seconds += 20) {
    client.socket.send(`state at ${seconds}`)
    client.socket.ping()
    await once(client.socket, 'pong')
    await clock.advance(20_000)
  }
  expect(tenant.writes.map(({ state }) => state)).toEqual(['up', 'draining', 'down'])
  expect(client.isOpen()).toBe(true)
})
