import { createServer } from 'node:http'
import { expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import {
  backendAt,
  eventually,
  fetchFrom,
  listen,
  routeTo,
  wakerOf,
} from '../gateway-under-test.suite.ts'
import { createFakeEnvironment } from './fake-environment.suite.ts'
import { openClient, parkBefore, rememberingProtocol } from './parked-under-test.suite.ts'

/** A backend that takes any handshake, and knows who is logged in when asked. */
async function openHouse(isAwake = true) {
  const loggedIn = new Set<string>()
  const questions: (string | undefined)[] = []
  const server = createServer((request, response) => {
    if (request.url === '/logout') {
      loggedIn.delete(request.headers.cookie ?? '')
      return response.end('bye')
    }
    questions.push(request.headers.cookie)
    response.end(loggedIn.has(request.headers.cookie ?? '') ? 'yes' : 'no')
  })
  const websockets = new WebSocketServer({ noServer: true })
  server.on('upgrade', (request, socket, head) =>
    websockets.handleUpgrade(request, socket, head, () => {}),
  )
  const environment = await createFakeEnvironment({ isAwake })
  const backend = backendAt(await listen(server))
  const life = {
    ...environment,
    backend: async (...asked: Parameters<typeof environment.backend>) =>
      (await environment.backend(...asked)) && backend,
  }
  const protocol = {
    ...rememberingProtocol,
    session: {
      path: '/who',
      contentType: 'text/plain',
      body: 'me?',
      isLoggedIn: ({ body }: { readonly body: string }) => body === 'yes',
      keyOf: (cookie: string | undefined) => cookie,
      isLogout: (path: string) => path === '/logout',
    },
  }
  const waker = wakerOf([routeTo('acme', [backend])])
  return { life, protocol, loggedIn, questions, websockets, waker }
}

/** Two tabs and a stranger whose handshakes come while their tenant sleeps: as after a start of the gateway. */
async function openWhileAsleep() {
  const house = await openHouse(false)
  house.loggedIn.add('session=one').add('session=two')
  const parked = await parkBefore(house.life, house)
  const open = (cookie: string) => openClient(parked.port, { headers: { cookie } })
  const tabs = [
    await open('session=one'),
    await open('session=two'),
    await open('session=none'),
  ] as const
  const wake = async () => {
    house.life.wakeUp()
    parked.gateway.parking.awake('acme-prod')
    await parked.clock.advance(30_000)
  }
  const logOut = (cookie: string) => fetchFrom(parked.port, '/logout', { headers: { cookie } })
  const attached = (count: number) =>
    eventually(() => expect(parked.gateway.parking.counts().attached).toBe(count))
  return { ...house, ...parked, tabs, open, wake, logOut, attached }
}

test('who was logged in and is no longer, though any handshake is taken, hears of it (4001)', async () => {
  const { life, protocol, loggedIn, questions, websockets } = await openHouse()
  loggedIn.add('session=one').add('session=two')
  const { port, gateway, clock } = await parkBefore(life, { protocol })
  const [one, two, stranger] = await Promise.all(
    ['session=one', 'session=two', 'session=none'].map((cookie) =>
      openClient(port, { headers: { cookie } }),
    ),
  )
  await eventually(() => expect(questions).toHaveLength(3))
  life.fallAsleep()
  await gateway.parking.sleeping('acme-prod')
  loggedIn.delete('session=one')
  life.wakeUp()
  gateway.parking.awake('acme-prod')
  await clock.advance(30_000)
  expect(await one?.closed).toEqual([4001, ''])
  await eventually(() => expect(websockets.clients.size).toBe(2))
  expect(two?.isOpen()).toBe(true)
  // Of a stranger there is nothing to ask.
  expect(stranger?.isOpen()).toBe(true)
  expect(questions).toHaveLength(5)
})

test('a log-out in another tab is heard by one whose handshake came while its tenant slept, and by it alone', async () => {
  const { tabs, wake, logOut, attached } = await openWhileAsleep()
  expect((await logOut('session=one')).status).toBe(200)
  await wake()
  expect(await tabs[0].closed).toEqual([4001, ''])
  await attached(2)
  expect(tabs[1].isOpen()).toBe(true)
  expect(tabs[2].isOpen()).toBe(true)
})

test('it is also heard by one that came back to its tenant just before, as a stranger', async () => {
  const { tabs, clock, wake, logOut, attached, questions, loggedIn } = await openWhileAsleep()
  // Odoo has carried the log-out out already; its answer is still on its way.
  loggedIn.delete('session=one')
  await wake()
  await attached(3)
  await eventually(() => expect(questions).toHaveLength(3))
  await logOut('session=one')
  await attached(2)
  await clock.advance(30_000)
  expect(await tabs[0].closed).toEqual([4001, ''])
  await attached(2)
})

test('a log-out that was not carried out closes nobody', async () => {
  const { tabs, wake, logOut, attached, loggedIn } = await openWhileAsleep()
  await logOut('session=one')
  loggedIn.add('session=one')
  await wake()
  await attached(3)
  expect(tabs[0].isOpen()).toBe(true)
})

test('a tab that connects again while its tenant sleeps hears of the end of its session, however it ended', async () => {
  const { tabs, clock, life, gateway, open, wake, attached, loggedIn, questions } =
    await openWhileAsleep()
  await wake()
  await attached(3)
  await eventually(() => expect(questions).toHaveLength(3))
  life.fallAsleep()
  await gateway.parking.sleeping('acme-prod')
  tabs[0].socket.close()
  await tabs[0].closed
  const again = await open('session=one')
  const stranger = await open('session=none')
  loggedIn.delete('session=one')
  await wake()
  await clock.advance(30_000)
  expect(await again.closed).toEqual([4001, ''])
  await attached(3)
  expect(stranger.isOpen()).toBe(true)
})
