import { once } from 'node:events'
import { expect, test, vi } from 'vitest'
import { eventually, openSocket, routeTo } from '../gateway-under-test.suite.ts'
import { handshake } from '../websocket-under-test.suite.ts'
import { createFakeEnvironment } from './fake-environment.suite.ts'
import { openClient, parkBefore } from './parked-under-test.suite.ts'

test('while it is awake, both ends talk, and the first words of either are delivered', async () => {
  const environment = await createFakeEnvironment({ isAwake: true })
  const { port, facts, gateway } = await parkBefore(environment)
  const client = await openClient(port)
  client.socket.send('hello')
  await eventually(() => expect(environment.heard).toEqual(['hello']))
  for (const socket of environment.sockets) socket.send('good day')
  await eventually(() => expect(client.received).toEqual(['good day']))
  expect(facts).toMatchObject([{ status: 101, environment: 'acme-prod' }])
  expect(gateway.parking.counts()).toEqual({ attached: 1, parked: 0 })
})

test('asleep, neither a handshake nor what a tab sends by itself wakes anybody, or is activity', async () => {
  const environment = await createFakeEnvironment({ isAwake: false })
  const { port, gateway } = await parkBefore(environment)
  const client = await openClient(port)
  client.socket.send('state one')
  client.socket.ping()
  await once(client.socket, 'pong')
  expect(client.isOpen()).toBe(true)
  expect(environment.wakes()).toBe(0)
  expect(environment.activities()).toBe(0)
  expect(gateway.parking.counts()).toEqual({ attached: 0, parked: 1 })
})

test('falling asleep closes the backend, not the client, and waking tells the next one where things stand', async () => {
  const environment = await createFakeEnvironment({ isAwake: true })
  const { port, gateway, clock } = await parkBefore(environment)
  const client = await openClient(port)
  client.socket.send('state one')
  await eventually(() => expect(environment.heard).toEqual(['state one']))
  for (const socket of environment.sockets) socket.send('news 7')
  await eventually(() => expect(client.received).toEqual(['news 7']))

  environment.fallAsleep()
  await gateway.parking.sleeping('acme-prod')
  expect(environment.ended).toEqual([1001])
  client.socket.send('state two')
  client.socket.ping()
  await once(client.socket, 'pong')

  environment.wakeUp()
  gateway.parking.awake('acme-prod')
  await clock.advance(30_000)
  await eventually(() => expect(environment.heard).toEqual(['state one', 'state two after news 7']))
  expect(client.isOpen()).toBe(true)
  expect(environment.wakes()).toBe(0)
  for (const socket of environment.sockets) socket.send('news 8')
  await eventually(() => expect(client.received).toEqual(['news 7', 'news 8']))
  expect(environment.activities()).toBe(0)
})

test('attached anew, the handshake is that of the client, with the identity of the backend', async () => {
  const environment = await createFakeEnvironment({ isAwake: false })
  const { port, gateway, clock } = await parkBefore(environment)
  await openClient(port, {
    headers: { cookie: 'session_id=abc', 'user-agent': 'Mozilla/5.0', 'x-pulse-backend': 'forged' },
  })
  environment.wakeUp()
  gateway.parking.awake('acme-prod')
  await clock.advance(30_000)
  await eventually(() => expect(environment.sockets.size).toBe(1))
  const [sent] = environment.handshakes
  expect(sent).toMatchObject({
    target: '/websocket?version=18.0-5',
    host: 'acme.localhost',
    cookie: 'session_id=abc',
    origin: 'http://acme.localhost',
    'user-agent': 'Mozilla/5.0',
    'x-forwarded-host': 'acme.localhost',
    'x-forwarded-for': '127.0.0.1',
    'x-pulse-backend': 'acme-prod.1.signed',
  })
  expect(sent).not.toHaveProperty('sec-websocket-extensions')
})

test("a user's words wake the environment and arrive in their order, after what it must be told first", async () => {
  const environment = await createFakeEnvironment({ isAwake: false })
  const { port } = await parkBefore(environment)
  const client = await openClient(port)
  client.socket.send('one')
  client.socket.send('state')
  client.socket.send('two')
  await eventually(() => expect(environment.activities()).toBe(2))
  await eventually(() => expect(environment.wakes()).toBe(1))
  expect(environment.heard).toEqual([])
  environment.wakeUp()
  await eventually(() => expect(environment.heard).toEqual(['state after ', 'one', 'two']))
  expect(client.isOpen()).toBe(true)
})

test('more words than can be held end with 1013, and so do words for what cannot be woken', async () => {
  const asleep = await createFakeEnvironment({ isAwake: false })
  const first = await parkBefore(asleep, { limits: { heldMessagesMax: 2 } })
  const talker = await openClient(first.port)
  for (const word of ['one', 'two', 'three']) talker.socket.send(word)
  expect(await talker.closed).toEqual([1013, ''])

  const broken = await createFakeEnvironment({ isAwake: false })
  broken.breakDown()
  const second = await parkBefore(broken)
  const client = await openClient(second.port)
  client.socket.send('one')
  expect(await client.closed).toEqual([1013, ''])
})

test('all that sockets of an environment keep is bounded', async () => {
  const environment = await createFakeEnvironment({ isAwake: false })
  const { port } = await parkBefore(environment, { limits: { memoryBytesPerEnvironment: 100 } })
  const [first, second] = await Promise.all([openClient(port), openClient(port)])
  first.socket.send(`state ${'x'.repeat(60)}`)
  first.socket.ping()
  await once(first.socket, 'pong')
  second.socket.send(`state ${'x'.repeat(60)}`)
  expect(await second.closed).toEqual([1013, ''])
  expect(first.isOpen()).toBe(true)
  first.socket.close()
  await first.closed
  const third = await openClient(port)
  third.socket.send(`state ${'x'.repeat(60)}`)
  third.socket.ping()
  await once(third.socket, 'pong')
  expect(third.isOpen()).toBe(true)
})

test('handshakes longer than browsers have them count among what sockets keep', async () => {
  const environment = await createFakeEnvironment({ isAwake: false })
  const { port } = await parkBefore(environment, { limits: { memoryBytesPerEnvironment: 10_000 } })
  const long = { cookie: `session_id=s; more=${'x'.repeat(8_000)}` }
  const first = await openClient(port, { headers: long })
  const second = openSocket(
    port,
    handshake().replace('\r\n\r\n', `\r\nCookie: ${long.cookie}\r\n\r\n`),
  )
  await second.closed
  expect(second.received()).toMatch(/^HTTP\/1\.1 503 [\s\S]*too-many-websockets/)
  const usual = await openClient(port)
  first.socket.close()
  await first.closed
  await openClient(port, { headers: long })
  expect(usual.isOpen()).toBe(true)
})

test('what cannot be kept is passed on, and such a socket has to begin anew after a sleep', async () => {
  const environment = await createFakeEnvironment({ isAwake: true })
  const { port, gateway } = await parkBefore(environment)
  const client = await openClient(port)
  client.socket.send('long story')
  await eventually(() => expect(environment.heard).toEqual(['long story']))
  expect(client.isOpen()).toBe(true)
  environment.fallAsleep()
  await gateway.parking.sleeping('acme-prod')
  expect(await client.closed).toEqual([1013, ''])
})

test.each([1001, 1012, 1013, 'cut'] as const)(
  'the end of a process (%s) is not the end of the client, which is attached again',
  async (how) => {
    const environment = await createFakeEnvironment({ isAwake: true })
    const { port, clock } = await parkBefore(environment)
    const client = await openClient(port)
    await eventually(() => expect(environment.sockets.size).toBe(1))
    for (const socket of environment.sockets) {
      if (how === 'cut') socket.terminate()
      else socket.close(how)
    }
    await eventually(async () => {
      await clock.advance(1_000)
      expect(environment.handshakes).toHaveLength(2)
    })
    expect(client.isOpen()).toBe(true)
  },
)

test.each([
  [1000, 'OUTDATED_VERSION'],
  [4001, ''],
  [1008, 'no'],
] as const)("the tenant's word (%s %s) is passed on", async (code, reason) => {
  const environment = await createFakeEnvironment({ isAwake: true })
  const { port } = await parkBefore(environment)
  const client = await openClient(port)
  await eventually(() => expect(environment.sockets.size).toBe(1))
  for (const socket of environment.sockets) socket.close(code, reason)
  expect(await client.closed).toEqual([code, reason])
  expect(environment.handshakes).toHaveLength(1)
})

test('the word of an environment that was upgraded while its sockets were parked is passed on', async () => {
  const environment = await createFakeEnvironment({ isAwake: false })
  const { port, gateway, clock } = await parkBefore(environment)
  const client = await openClient(port)
  environment.wakeUp()
  gateway.parking.awake('acme-prod')
  await clock.advance(30_000)
  await eventually(() => expect(environment.sockets.size).toBe(1))
  for (const socket of environment.sockets) socket.close(1000, 'OUTDATED_VERSION')
  expect(await client.closed).toEqual([1000, 'OUTDATED_VERSION'])
})

test.each([401, 403])(
  'a session that is refused (%s) while parked ends with 4001',
  async (status) => {
    const environment = await createFakeEnvironment({ isAwake: false })
    const { port, gateway, clock } = await parkBefore(environment)
    const client = await openClient(port)
    environment.refuseWith(status)
    environment.wakeUp()
    gateway.parking.awake('acme-prod')
    await clock.advance(30_000)
    expect(await client.closed).toEqual([4001, ''])
  },
)

test('a backend that takes no handshake yet is tried again, ever more seldom', async () => {
  const environment = await createFakeEnvironment({ isAwake: false })
  const { port, gateway, clock } = await parkBefore(environment)
  const client = await openClient(port)
  environment.refuseWith(503)
  environment.wakeUp()
  gateway.parking.awake('acme-prod')
  const waits: number[] = []
  for (let tries = 1; tries <= 7; tries += 1) {
    const before = clock.now()
    await eventually(async () => {
      if (environment.handshakes.length < tries) await clock.advance(500)
      expect(environment.handshakes).toHaveLength(tries)
    })
    waits.push(clock.now() - before)
  }
  expect(waits.at(-1)).toBeGreaterThan(10_000)
  environment.refuseWith(undefined)
  await eventually(async () => {
    await clock.advance(1_000)
    expect(environment.sockets.size).toBe(1)
  })
  expect(client.isOpen()).toBe(true)
})

test('a backend that is sealed is one that falls asleep: the handshake is taken', async () => {
  const environment = await createFakeEnvironment({ isAwake: true })
  const { port, gateway } = await parkBefore(environment)
  environment.refuseWith(421, 'sealed')
  const client = await openClient(port)
  expect(client.isOpen()).toBe(true)
  expect(gateway.parking.counts()).toEqual({ attached: 0, parked: 1 })
})

test.each(['sealed', 'identity'] as const)(
  'a handshake that meets a guard (%s) is counted and told of as any request is, the first and the next',
  async (word) => {
    const environment = await createFakeEnvironment({ isAwake: true })
    const onRefused = vi.fn()
    const { port, gateway, clock } = await parkBefore(environment, { onRefused })
    environment.refuseWith(421, word)
    const client = await openClient(port)
    expect(environment.refusals).toEqual([word === 'sealed'])
    gateway.parking.awake('acme-prod')
    await clock.advance(30_000)
    await eventually(() => expect(environment.refusals.length).toBeGreaterThan(1))
    expect(onRefused.mock.calls).toEqual(environment.refusals.map(() => [word]))
    expect(client.isOpen()).toBe(true)
  },
)

test('a handshake that finds its worker killed is kept, counted and told of, and the next worker takes it', async () => {
  const environment = await createFakeEnvironment({ isAwake: true })
  const onRefused = vi.fn()
  const { port, gateway, clock, facts } = await parkBefore(environment, { onRefused })
  environment.kill()
  const client = await openClient(port)
  expect(facts).toMatchObject([{ status: 101 }])
  expect(gateway.parking.counts()).toEqual({ attached: 0, parked: 1 })
  expect(environment.refusals).toEqual([false])
  expect(onRefused.mock.calls).toEqual([['unreachable']])
  environment.restart()
  await eventually(async () => {
    await clock.advance(1_000)
    expect(environment.sockets.size).toBe(1)
  })
  expect(client.isOpen()).toBe(true)
})

test('while nobody is there, no socket seeks its worker faster than it may attach, whatever the dice say', async () => {
  const environment = await createFakeEnvironment({ isAwake: true })
  const { port, clock } = await parkBefore(environment, {
    limits: { attachesPerSecondPerEnvironment: 2 },
    random: () => 0,
  })
  environment.kill()
  const client = await openClient(port)
  // What it says is waited for: that is sought first, and without jitter.
  client.socket.send('hello')
  const tries = () => environment.refusals.length
  // The handshake itself, and what was saved up.
  await eventually(() => expect(tries()).toBe(3))
  for (let seconds = 1; seconds <= 10; seconds += 1) {
    await eventually(async () => {
      if (tries() < 3 + seconds * 2) await clock.advance(100)
      expect(tries()).toBe(3 + seconds * 2)
    })
  }
  expect(clock.now()).toBeGreaterThanOrEqual(1_000_000 + 10_000)
  environment.restart()
  await eventually(async () => {
    await clock.advance(100)
    expect(environment.heard).toEqual(['hello'])
  })
  expect(client.isOpen()).toBe(true)
})

test('an environment that came back without a word is found', async () => {
  const environment = await createFakeEnvironment({ isAwake: false })
  const { port, clock } = await parkBefore(environment)
  await openClient(port)
  environment.wakeUp()
  await eventually(async () => {
    await clock.advance(1_000)
    expect(environment.sockets.size).toBe(1)
  })
})

test('awake, a refusal of the tenant is the answer; asleep, what it would refuse is refused', async () => {
  const environment = await createFakeEnvironment({ isAwake: true })
  const { port } = await parkBefore(environment)
  environment.refuseWith(400)
  const refused = openSocket(port, handshake())
  await refused.closed
  expect(refused.received()).toMatch(/^HTTP\/1\.1 400 [\s\S]*why\?$/)
  environment.fallAsleep()
  const stranger = openSocket(port, handshake().replace(/Origin.*\r\n/, ''))
  await stranger.closed
  expect(stranger.received()).toMatch(/^HTTP\/1\.1 400 [\s\S]*no origin/)
})

test('a 421 of the tenant’s own code is an answer like any other, and says nothing of its backend', async () => {
  const environment = await createFakeEnvironment({ isAwake: true })
  const onRefused = vi.fn()
  const { port, gateway } = await parkBefore(environment, { onRefused })
  environment.refuseWith(421)
  const refused = openSocket(port, handshake())
  await refused.closed
  expect(refused.received()).toMatch(/^HTTP\/1\.1 421 [\s\S]*why\?$/)
  expect(gateway.parking.counts()).toEqual({ attached: 0, parked: 0 })
  expect(environment.refusals).toEqual([])
  expect(onRefused).not.toHaveBeenCalled()
})

test.each([
  ['suspended', 402],
  ['disabled', 410],
  ['failed', 503],
] as const)(
  'an environment that is %s takes no handshake (%s), and keeps no sockets',
  async (phase, status) => {
    const environment = await createFakeEnvironment({ isAwake: false })
    const { port, routes, clock } = await parkBefore(environment)
    const client = await openClient(port)
    routes.set('acme.localhost', { ...routeTo('acme', []), state: { phase } })
    const late = openSocket(port, handshake())
    await late.closed
    expect(late.received()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    await clock.advance(1_000)
    expect((await client.closed)[0]).toBe(1001)
  },
)

test('no more sockets than the limits allow', async () => {
  const environment = await createFakeEnvironment({ isAwake: false })
  const { port } = await parkBefore(environment, { limits: { socketsPerEnvironment: 1 } })
  const client = await openClient(port)
  const second = openSocket(port, handshake())
  await second.closed
  expect(second.received()).toMatch(/^HTTP\/1\.1 503 [\s\S]*too-many-websockets/)
  client.socket.close()
  await client.closed
  await openClient(port)
})

test('a client that leaves ends its backend with the same words', async () => {
  const environment = await createFakeEnvironment({ isAwake: true })
  const { port, gateway } = await parkBefore(environment)
  const client = await openClient(port)
  client.socket.close(4321, 'enough')
  await client.closed
  await eventually(() => expect(environment.ended).toEqual([4321]))
  expect(gateway.parking.counts()).toEqual({ attached: 0, parked: 0 })
})

test('the end of the gateway is told to clients and backends (1001)', async () => {
  const environment = await createFakeEnvironment({ isAwake: true })
  const { port, gateway } = await parkBefore(environment)
  const client = await openClient(port)
  await gateway.close()
  expect((await client.closed)[0]).toBe(1001)
  await eventually(() => expect(environment.ended).toEqual([1001]))
})

test.each([undefined, 'b'])(
  'the subprotocol is for the two ends to agree on: %s',
  async (chooses) => {
    const environment = await createFakeEnvironment({ isAwake: true, ...(chooses && { chooses }) })
    const { port } = await parkBefore(environment)
    const offer = handshake().replace('Origin', 'Sec-WebSocket-Protocol: a, b\r\nOrigin')
    const client = openSocket(port, offer)
    await client.answered
    expect(environment.handshakes[0]?.['sec-websocket-protocol']).toBe('a, b')
    expect(client.received()).toMatch(/^HTTP\/1\.1 101 /)
    expect(/sec-websocket-protocol: (.*)\r/i.exec(client.received())?.[1]).toBe(chooses)
  },
)
