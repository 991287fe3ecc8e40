import { createServer } from 'node:http'
import { expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { backendAt, eventually, listen } from '../gateway-under-test.suite.ts'
import { createFakeEnvironment } from './fake-environment.suite.ts'
import { openClient, parkBefore, rememberingProtocol } from './parked-under-test.suite.ts'

/** A backend that takes any handshake, and knows who is logged in when asked. */
async function openHouse() {
  const loggedIn = new Set<string>()
  const questions: (string | undefined)[] = []
  const server = createServer((request, response) => {
    questions.push(request.headers.cookie)
    response.end(loggedIn.has(request.headers.cookie ?? '') ? 'yes' : 'no')
  })
  const websockets = new WebSocketServer({ noServer: true })
  server.on('upgrade', (request, socket, head) =>
    websockets.handleUpgrade(request, socket, head, () => {}),
  )
  const environment = await createFakeEnvironment({ isAwake: true })
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
    },
  }
  return { life, protocol, loggedIn, questions, websockets }
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
