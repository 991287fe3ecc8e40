import { expect, test } from 'vitest'
import { eventually } from '../gateway-under-test.suite.ts'
import { createFakeEnvironment } from './fake-environment.suite.ts'
import { openClient, parkBefore } from './parked-under-test.suite.ts'

const crowd = 1_000
const perSecond = 20

test('a thousand sockets come back to a woken environment at the rate that it can bear, none closed', async () => {
  const environment = await createFakeEnvironment({ isAwake: false })
  const { port, clock, gateway } = await parkBefore(environment, {
    limits: { attachesPerSecondPerEnvironment: perSecond, jitterMs: 0 },
  })
  const clients: Awaited<ReturnType<typeof openClient>>[] = []
  while (clients.length < crowd) {
    clients.push(...(await Promise.all(Array.from({ length: 50 }, () => openClient(port)))))
  }
  environment.wakeUp()
  gateway.parking.awake('acme-prod')
  // What was saved up, then so many each second.
  for (let seconds = 0; environment.handshakes.length < crowd; seconds += 1) {
    const allowed = Math.min(crowd, perSecond * (seconds + 1))
    await eventually(() => expect(environment.sockets.size).toBe(allowed))
    expect(environment.handshakes).toHaveLength(allowed)
    await clock.advance(1_000)
  }
  await eventually(() => expect(gateway.parking.counts()).toEqual({ attached: crowd, parked: 0 }))
  expect(clients.every((client) => client.isOpen())).toBe(true)
}, 30_000)

test('sockets of a woken environment come back spread over the time that they need, and not all at once', async () => {
  const few = 40
  const environment = await createFakeEnvironment({ isAwake: false })
  let asked = 0
  const { port, clock, gateway } = await parkBefore(environment, {
    limits: { attachesPerSecondPerEnvironment: perSecond, jitterMs: 30_000 },
    // Each place within the two seconds once.
    random: () => (asked++ % few) / few,
  })
  await Promise.all(Array.from({ length: few }, () => openClient(port)))
  environment.wakeUp()
  gateway.parking.awake('acme-prod')
  const came = (count: number) =>
    eventually(() => expect(environment.handshakes).toHaveLength(count))
  await came(1)
  await clock.advance(1_000)
  await came(few / 2 + 1)
  await clock.advance(1_000)
  await came(few)
})
