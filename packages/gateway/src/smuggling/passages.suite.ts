import { createServer } from 'node:http'
import { connect } from 'node:net'
import { createGateway, type RequestFacts } from '../gateway.ts'
import { listen, routeTo, silent, type TestRoute, wakerOf } from '../gateway-under-test.suite.ts'
import {
  type ForeignRequest,
  type ForeignTrouble,
  type ReadRequest,
  startForeignWorker,
  type WorkerKind,
} from './foreign-worker.suite.ts'
import { startHaproxy } from './haproxy.suite.ts'
import { hostOf, labelOf, withHost } from './lanes.suite.ts'

/** One answer as its client got it; with the request, where it was a server's behind the gateway that read it. */
export interface TracedAnswer<R extends ReadRequest = ReadRequest> {
  readonly status: number
  readonly request: R | undefined
}

/** What became of one stream, which had a connection, a host and a backend's identity of its own. */
export interface Passage {
  readonly stream: string
  readonly host: string
  readonly identity: string
  readonly answers: readonly TracedAnswer<ForeignRequest>[]
  /** All that its worker read under its identity. */
  readonly requests: readonly ForeignRequest[]
  /** The statuses that the gateway tells of its requests. */
  readonly told: readonly number[]
}

export interface Passages {
  readonly passages: readonly Passage[]
  /** Under whichever identity. */
  readonly requests: readonly ForeignRequest[]
  readonly troubles: readonly ForeignTrouble[]
}

/** All of these streams through a gateway to one worker, and what both have to say when all is over. */
export async function throughGateway(
  streams: readonly string[],
  kind: WorkerKind,
): Promise<Passages> {
  const worker = await startForeignWorker(kind)
  const facts: RequestFacts[] = []
  const routes = streams.map((_, at) => laneTo(worker.port, at))
  const gateway = gatewayTo(routes, (one) => void facts.push(one))
  try {
    const port = await gateway.listen({ hosts: ['127.0.0.1'], port: 0 })
    const received = await exchangeAll(port, streams)
    await gateway.close()
    const { requests, troubles } = await worker.end()
    const byNumber = new Map(requests.map((request) => [request.number, request]))
    const byIdentity = Map.groupBy(requests, ({ identity }) => identity)
    const told = Map.groupBy(facts, ({ environment }) => environment)
    const passages = streams.map((stream, at) => ({
      stream: withHost(stream, hostOf(at)),
      host: hostOf(at),
      identity: identityOf(at),
      answers: answersIn(received[at] ?? '', byNumber),
      requests: byIdentity.get(identityOf(at)) ?? [],
      told: told.get(routes[at]?.environment)?.map(({ status }) => status) ?? [],
    }))
    return { passages, requests, troubles }
  } finally {
    await gateway.close()
    worker.kill()
  }
}

function gatewayTo(routes: readonly TestRoute[], onRequest: (facts: RequestFacts) => void) {
  const hosts = new Map(routes.map((route) => [route.hostname, route]))
  return createGateway({
    routes: { find: (host) => hosts.get(host) },
    waker: wakerOf(routes),
    log: silent,
    limits: {
      drainMs: 0,
      // Only a stream that ends within a request waits for them: a busy machine must not end the others.
      requestHeadTimeoutMs: 2_000,
      requestIdleTimeoutMs: 2_000,
      // A worker that waits for more than it is sent is found out by it.
      answerTimeoutMs: 5_000,
    },
    onRequest,
  })
}

function laneTo(port: number, at: number): TestRoute {
  const address = { address: '127.0.0.1', httpPort: port, websocketPort: port }
  return routeTo(labelOf(at), [{ ...address, identity: identityOf(at) }])
}

function identityOf(at: number): string {
  return `${labelOf(at)}-prod.1.0123456789abcdef`
}

/** The same streams through HAProxy to a server that writes down what it is sent; what was answered to each. */
export async function throughHaproxy(
  streams: readonly string[],
): Promise<readonly (readonly TracedAnswer[])[]> {
  const read = new Map<number, ReadRequest>()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('error', () => {})
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url: target = '' } = request
      const number = read.size + 1
      read.set(number, { number, method, target, body: Buffer.concat(chunks).toString('latin1') })
      response.writeHead(200, { 'X-Read-As': number }).end('ok')
    })
  })
  const haproxy = await startHaproxy(await listen(server))
  try {
    const received = await exchangeAll(haproxy.port, streams)
    return received.map((text) => answersIn(text, read))
  } finally {
    await haproxy.end()
  }
}

const atOnce = 32

/** Each on a connection of its own, a few at a time; all that was answered on each. */
async function exchangeAll(port: number, streams: readonly string[]): Promise<string[]> {
  const received: string[] = []
  let next = 0
  async function exchangeSome() {
    for (let at = next++; at < streams.length; at = next++) {
      received[at] = await exchange(port, withHost(streams[at] ?? '', hostOf(at)))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, exchangeSome))
  return received
}

function exchange(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' })
    const chunks: Buffer[] = []
    socket.on('error', reject)
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')))
    socket.write(text, 'latin1')
  })
}

/** Information is no answer. */
const answerHead = /HTTP\/1\.[01] ([2-5]\d\d) [\s\S]*?\r\n\r\n/g
const readAs = /^x-read-as: (\d+)\r$/im

function answersIn<R extends ReadRequest>(
  received: string,
  read: ReadonlyMap<number, R>,
): TracedAnswer<R>[] {
  return [...received.matchAll(answerHead)].map(([head, status]) => ({
    status: Number(status),
    request: read.get(Number(readAs.exec(head)?.[1])),
  }))
}
