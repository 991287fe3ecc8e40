import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { backendAt, listen } from '../gateway-under-test.suite.ts'
import { refusal } from '../guarded-process.suite.ts'
import type { Backend } from '../route-source.ts'
import type { SocketLife } from './socket-life.ts'

/** An environment that sleeps and wakes at a word, with a backend over real sockets. */
export interface FakeEnvironment extends SocketLife {
  readonly backendAddress: Backend
  /** Every handshake that came, with its target. */
  readonly handshakes: readonly (IncomingHttpHeaders & { readonly target: string })[]
  /** Every text that came, over all sockets. */
  readonly heard: readonly string[]
  /** Codes with which backends' sockets have ended. */
  readonly ended: readonly number[]
  /** Open sockets at the backend. */
  readonly sockets: ReadonlySet<WebSocket>
  /** Beneath every handshake that came. */
  readonly connections: readonly Socket[]
  readonly wakes: () => number
  readonly activities: () => number
  /** Whether sealed, for each backend that took nothing. */
  readonly refusals: readonly boolean[]
  fallAsleep(): void
  wakeUp(): void
  /** From now on handshakes are answered with this status, by a guard with its word; undefined takes them again. */
  refuseWith(status: number | undefined, word?: 'sealed' | 'identity'): void
  /** Its process is killed, and the store goes on saying that it is ready. */
  kill(): void
  /** A process is there again. */
  restart(): void
  /** Wakes fail. */
  breakDown(): void
}

export async function createFakeEnvironment({
  isAwake,
  chooses,
}: {
  readonly isAwake: boolean
  /** A subprotocol. */
  readonly chooses?: string
}): Promise<FakeEnvironment> {
  const handshakes: (IncomingHttpHeaders & { readonly target: string })[] = []
  const heard: string[] = []
  const ended: number[] = []
  const sockets = new Set<WebSocket>()
  const connections: Socket[] = []
  const refusals: boolean[] = []
  let answer: string | undefined
  let awake = isAwake
  let isBroken = false
  let isKilled = false
  let wakes = 0
  let activities = 0
  let ready = Promise.withResolvers<void>()

  const server = createServer((_request, response) => response.end('{}'))
  const websockets = new WebSocketServer({
    noServer: true,
    handleProtocols: () => chooses ?? false,
  })
  server.on('upgrade', (request, socket, head) => {
    connections.push(request.socket)
    handshakes.push({ ...request.headers, target: request.url ?? '' })
    if (answer !== undefined) {
      socket.end(answer)
      return
    }
    websockets.handleUpgrade(request, socket, head, (opened) => {
      sockets.add(opened)
      opened.on('message', (data) => heard.push(data.toString()))
      opened.on('error', () => {})
      opened.on('close', (code) => {
        sockets.delete(opened)
        ended.push(code)
      })
    })
  })
  onTestFinished(() => {
    for (const socket of sockets) socket.terminate()
  })
  const backendAddress = { ...backendAt(await listen(server)), identity: 'acme-prod.1.signed' }
  /** Nobody listens at port 1. */
  const deserted = { ...backendAt(1), identity: backendAddress.identity }
  const seen = () => (isKilled ? deserted : backendAddress)

  return {
    backendAddress,
    handshakes,
    heard,
    ended,
    sockets,
    connections,
    wakes: () => wakes,
    activities: () => activities,
    refusals,
    async backend(_route, { wake }) {
      if (awake) return seen()
      if (!wake) return undefined
      wakes += 1
      if (isBroken) throw new Error('it does not start')
      await ready.promise
      return seen()
    },
    active() {
      activities += 1
    },
    refused(_environment, _backend, isSealed) {
      refusals.push(isSealed)
    },
    fallAsleep() {
      awake = false
      ready = Promise.withResolvers<void>()
    },
    wakeUp() {
      awake = true
      ready.resolve()
    },
    refuseWith(status, word) {
      const own = `HTTP/1.1 ${status} Refused\r\nContent-Length: 4\r\n\r\nwhy?`
      const said = word === undefined ? own : refusal(word)
      answer = status === undefined ? undefined : said
    },
    kill() {
      isKilled = true
      for (const socket of sockets) socket.terminate()
    },
    restart() {
      isKilled = false
    },
    breakDown() {
      isBroken = true
    },
  }
}
