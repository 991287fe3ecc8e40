import { once } from 'node:events'
import type { Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { createGateway, type Gateway, type GatewayOptions, type RequestFacts } from '../gateway.ts'
import { routeTo, silent, wakerOf } from '../gateway-under-test.suite.ts'
import { createManualClock, type ManualClock } from '../manual-clock.suite.ts'
import type { Route } from '../route-source.ts'
import type { FakeEnvironment } from './fake-environment.suite.ts'
import type { Message, ParkedProtocol } from './parked-protocol.ts'
import type { ParkedOptions } from './parking.ts'

/** `state …` is kept, `long …` cannot be, anything else is a user's. What the backend said last is told to the next. */
export const rememberingProtocol: ParkedProtocol = {
  converse() {
    let state: Message | undefined
    let last = ''
    return {
      hear(message) {
        const text = message.data.toString()
        if (text.startsWith('long')) return 'unkeepable'
        if (!text.startsWith('state')) return 'activity'
        state = message
        return 'kept'
      },
      heed(message) {
        last = message.data.toString()
      },
      resume() {
        if (state === undefined) return []
        return [{ ...state, data: Buffer.from(`${state.data} after ${last}`) }]
      },
      get keptBytes() {
        return state?.data.length ?? 0
      },
    }
  },
  objection: ({ origin }) => (origin === undefined ? 'no origin' : undefined),
  isAbsorbed: ({ code }) => [1001, 1006, 1012, 1013].includes(code),
  sessionGone: { code: 4001, reason: '' },
}

export interface ParkedUnderTest {
  readonly gateway: Gateway
  readonly clock: ManualClock
  readonly port: number
  readonly facts: readonly RequestFacts[]
  /** The route is changed in place. */
  readonly routes: Map<string, Route>
}

/** A gateway before one fake environment, `acme-prod` at acme.localhost. */
export async function parkBefore(
  environment: FakeEnvironment,
  {
    limits,
    protocol = rememberingProtocol,
    random = () => 1,
    onRefused,
    waker = wakerOf([]),
  }: Pick<Partial<ParkedOptions>, 'limits' | 'protocol' | 'random'> &
    Partial<Pick<GatewayOptions, 'onRefused' | 'waker'>> = {},
): Promise<ParkedUnderTest> {
  const clock = createManualClock()
  const facts: RequestFacts[] = []
  const routes = new Map([['acme.localhost', routeTo('acme', [])]])
  const gateway = createGateway({
    routes: { find: (host) => routes.get(host) },
    waker,
    clock,
    log: silent,
    limits: { drainMs: 0 },
    onRequest: (fact) => facts.push(fact),
    ...(onRefused && { onRefused }),
    parked: { protocol, life: environment, random, ...(limits && { limits }) },
  })
  onTestFinished(() => gateway.close())
  const port = await gateway.listen({ hosts: ['127.0.0.1'], port: 0 })
  return { gateway, clock, port, facts, routes }
}

export interface TestClient {
  readonly socket: WebSocket
  /** Beneath it. */
  readonly connection: Socket
  readonly received: readonly string[]
  /** Code and reason of the close frame. */
  readonly closed: Promise<readonly [number, string]>
  readonly isOpen: () => boolean
}

/** A browser's WebSocket to acme.localhost; it ends with the test. */
export async function openClient(
  port: number,
  {
    path = '/websocket?version=18.0-5',
    protocols = [],
    headers = {},
  }: {
    readonly path?: string
    readonly protocols?: string[]
    readonly headers?: Readonly<Record<string, string>>
  } = {},
): Promise<TestClient> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols, {
    headers: { host: 'acme.localhost', origin: 'http://acme.localhost', ...headers },
  })
  onTestFinished(() => socket.terminate())
  const received: string[] = []
  socket.on('message', (data) => received.push(data.toString()))
  const { promise: closed, resolve } = Promise.withResolvers<readonly [number, string]>()
  socket.on('close', (code, reason) => resolve([code, reason.toString()]))
  const connected = Promise.withResolvers<Socket>()
  socket.once('upgrade', (answer) => connected.resolve(answer.socket))
  await once(socket, 'open')
  const connection = await connected.promise
  return {
    socket,
    connection,
    received,
    closed,
    isOpen: () => socket.readyState === WebSocket.OPEN,
  }
}
