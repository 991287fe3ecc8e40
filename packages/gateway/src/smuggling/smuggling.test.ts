import { createServer, type Server } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  backendAt,
  eventually,
  listen,
  openSocket,
  routeTo,
  serve,
} from '../gateway-under-test.suite.ts'
import { anyBytes, nearly } from '../strange-bytes.suite.ts'
import { readRequest, readRequests, valuesOf, type WireRequest } from './strict-reader.suite.ts'

/** What came to a worker, as a reader that is not Node's takes it. */
interface Witness {
  readonly seen: WireRequest[]
  readonly malformed: string[]
}

interface Lane extends Witness {
  readonly host: string
  /** Requests that the gateway reports as answered by the worker. */
  served: number
}

/** Stands for a lane's own; of the same length, lest a length be wrong. */
const anyHost = 'laneN.localhost'

const hidden = `GET /hidden HTTP/1.1\r\nHost: ${anyHost}\r\n\r\n`
const post = (headers: string, body: string) =>
  `POST /meant HTTP/1.1\r\nHost: ${anyHost}\r\n${headers}\r\n${body}`
const get = (headers: string) => `GET /meant HTTP/1.1\r\nHost: ${anyHost}\r\n${headers}\r\n`

/** In each a second request hides; a gateway that reads it otherwise than its worker lets it out. */
const attacks: Record<string, string> = {
  'CL.TE': post('Content-Length: 4\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n${hidden}`),
  'TE.CL': post(
    'Transfer-Encoding: chunked\r\nContent-Length: 4\r\n',
    `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`,
  ),
  'CL.TE with a length of zero': post(
    'Content-Length: 0\r\nTransfer-Encoding: chunked\r\n',
    `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`,
  ),
  'TE.TE, the second a fake': post(
    'Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n',
    `0\r\n\r\n${hidden}`,
  ),
  'TE.TE, the first a fake': post(
    'Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n',
    `0\r\n\r\n${hidden}`,
  ),
  'chunked is not the last coding': post(
    'Transfer-Encoding: chunked, identity\r\n',
    `0\r\n\r\n${hidden}`,
  ),
  'a coding that only looks like chunked': post(
    'Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n',
    `0\r\n\r\n${hidden}`,
  ),
  'a coding after a vertical tab': post(
    'Transfer-Encoding: \vchunked\r\nContent-Length: 5\r\n',
    `0\r\n\r\n${hidden}`,
  ),
  'a coding in quotes': post(
    'Transfer-Encoding: "chunked"\r\nContent-Length: 5\r\n',
    `0\r\n\r\n${hidden}`,
  ),
  'a space before the colon of the coding': post(
    'Transfer-Encoding : chunked\r\nContent-Length: 5\r\n',
    `0\r\n\r\n${hidden}`,
  ),
  'a space before the colon of the length': post(`Content-Length : ${hidden.length}\r\n`, hidden),
  'a tab before the colon of the length': post(`Content-Length\t: ${hidden.length}\r\n`, hidden),
  'a coding on a folded line': post(
    'Transfer-Encoding:\r\n chunked\r\nContent-Length: 5\r\n',
    `0\r\n\r\n${hidden}`,
  ),
  'a length on a folded line': post(`X-A: b\r\n Content-Length: ${hidden.length}\r\n`, hidden),
  'a first header that is folded': `POST /meant HTTP/1.1\r\n Host: ${anyHost}\r\nHost: ${anyHost}\r\n\r\n${hidden}`,
  'a header after a bare line feed': post(`X-A: b\nContent-Length: ${hidden.length}\r\n`, hidden),
  'a header after a bare return': post(`X-A: b\rContent-Length: ${hidden.length}\r\n`, hidden),
  'a head that ends with bare line feeds': post(
    `Content-Length: ${hidden.length}\n`,
    `\n${hidden}`,
  ),
  'a NUL in a name': post(`Content-Length\0: ${hidden.length}\r\n`, hidden),
  'a NUL in a value': post(`Content-Length: ${hidden.length}\0\r\n`, hidden),
  'two lengths': post(`Content-Length: 0\r\nContent-Length: ${hidden.length}\r\n`, hidden),
  'two equal lengths': post('Content-Length: 0\r\nContent-Length: 0\r\n', hidden),
  'two lengths in one line': post(`Content-Length: 0, ${hidden.length}\r\n`, hidden),
  'a length with a sign': post(`Content-Length: +${hidden.length}\r\n`, hidden),
  'a negative length': post('Content-Length: -1\r\n', hidden),
  'a length in hexadecimal': post('Content-Length: 0x10\r\n', hidden),
  'a length in other digits': post('Content-Length: \xb2\r\n', hidden),
  'a length beyond 64 bits': post('Content-Length: 18446744073709551616\r\n', hidden),
  'an empty length': post('Content-Length: \r\n', hidden),
  'a chunk size beyond 64 bits': post(
    'Transfer-Encoding: chunked\r\n',
    `10000000000000000\r\n\r\n0\r\n\r\n${hidden}`,
  ),
  'a chunk size with a sign': post('Transfer-Encoding: chunked\r\n', `+0\r\n\r\n${hidden}`),
  'a chunk size in hexadecimal notation': post(
    'Transfer-Encoding: chunked\r\n',
    `0x0\r\n\r\n${hidden}`,
  ),
  'a chunk longer than its size': post(
    'Transfer-Encoding: chunked\r\n',
    `1\r\nab\r\n0\r\n\r\n${hidden}`,
  ),
  'a chunk extension that ends with a bare line feed': post(
    'Transfer-Encoding: chunked\r\n',
    `5;a\n${'x'.repeat(5)}\r\n0\r\n\r\n${hidden}`,
  ),
  'a chunk extension with a bare return': post(
    'Transfer-Encoding: chunked\r\n',
    `0;a\rb\r\n\r\n${hidden}`,
  ),
  'a chunk that ends with a bare line feed': post(
    'Transfer-Encoding: chunked\r\n',
    `1\r\na\n0\r\n\r\n${hidden}`,
  ),
  'a last chunk that ends with bare line feeds': post(
    'Transfer-Encoding: chunked\r\n',
    `0\n\n${hidden}`,
  ),
  'a chunked body in HTTP/1.0': `POST /meant HTTP/1.0\r\nHost: ${anyHost}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
  'two hosts': get('Host: other.localhost\r\n') + hidden,
  'no host': `GET /meant HTTP/1.1\r\n\r\n${hidden}`,
  'a space in a name': get('X A: b\r\n') + hidden,
  'a header without a name': get(': b\r\n') + hidden,
  'a header without a colon': get('X-A\r\n') + hidden,
  'a target with a space': `GET /meant /x HTTP/1.1\r\nHost: ${anyHost}\r\n\r\n${hidden}`,
  'a line feed in the target': `GET /meant\nX: y HTTP/1.1\r\nHost: ${anyHost}\r\n\r\n${hidden}`,
  'a target with another host': `GET http://other.localhost/hidden HTTP/1.1\r\nHost: ${anyHost}\r\n\r\n`,
  'a version that there is not': `GET /hidden HTTP/1.9\r\nHost: ${anyHost}\r\n\r\n`,
  'no version': `GET /hidden\r\nHost: ${anyHost}\r\n\r\n`,
  'a version of two digits': `GET /hidden HTTP/1.10\r\nHost: ${anyHost}\r\n\r\n`,
  'the preface of HTTP/2': `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${hidden}`,
  'a tunnel': `CONNECT ${anyHost}:80 HTTP/1.1\r\nHost: ${anyHost}\r\n\r\n${hidden}`,
  'an offer of HTTP/2': post(
    `Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: ${hidden.length}\r\n`,
    hidden,
  ),
}

test.each(Object.entries(attacks))('nothing hides in a request with %s', async (_what, text) => {
  const lane = await oneLane()
  await lane.send(text)
  expect(lane.malformed).toEqual([])
  expect(lane.seen.map(({ target }) => target)).not.toContain('/hidden')
  await eventually(() => expect(lane.served).toBe(lane.seen.length))
})

test('what is meant as a second request is one, and what is a body stays one', async () => {
  const lane = await oneLane()
  const inBody = post(`Content-Length: ${hidden.length}\r\n`, hidden)
  const inChunk = post(
    'Transfer-Encoding: chunked\r\n',
    `${hidden.length.toString(16)};a=b\r\n${hidden}\r\n0\r\nX-Sum: 1\r\n\r\n`,
  )
  await lane.send(inBody + inChunk + get(''))
  expect(lane.malformed).toEqual([])
  const body = withHost(hidden, lane.host)
  expect(lane.seen.map((request) => [request.target, request.body])).toEqual([
    ['/meant', body],
    ['/meant', body],
    ['/meant', ''],
    ['/last', ''],
  ])
})

test('after an offer of another protocol that is passed over the connection ends', async () => {
  const lane = await oneLane()
  await lane.send(get('Connection: Upgrade\r\nUpgrade: h2c\r\n'))
  expect(lane.seen.map(({ target }) => target)).toEqual(['/meant'])
})

test('a request without a host is refused, and is the last of its connection', async () => {
  const lane = await oneLane()
  await lane.send(`${get('')}GET /hidden HTTP/1.1\r\nX-Host: nobody\r\n\r\n`)
  expect(lane.seen.map(({ target }) => target)).toEqual(['/meant'])
})

test('a head of more headers than are read is refused as a whole', async () => {
  const lane = await oneLane()
  const many = 'a: b\r\n'.repeat(2_001)
  await lane.send(post(`${many}Transfer-Encoding: chunked\r\n`, '1\r\na\r\n0\r\n\r\n'))
  expect(lane.seen).toEqual([])
})

test('whatever a client sends, a worker is sent what a strict reader finds in it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(strangeStream, { minLength: 8, maxLength: 8 }), async (streams) => {
      // Fresh ones: what comes late of one run is no part of the next.
      const all = await lanes(streams.length)
      await Promise.all(all.map((lane, at) => lane.check(streams[at] ?? '')))
    }),
    { numRuns: 40 },
  )
})

/** Nearly right in the places where readers differ. */
const framing = nearly(
  'Content-Length: 5\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n',
  'X-A: b\r\n Content-Length: 5\r\n',
  'Connection: content-length\r\nContent-Length: 5\r\n',
)
const bodies = fc.oneof(
  anyBytes,
  fc.constantFrom('', 'abcde', hidden),
  nearly('5\r\nabcde\r\n0\r\n\r\n', '5;a=b\r\nabcde\r\n0\r\nX-A: b\r\n\r\n', `0\r\n\r\n${hidden}`),
)
const strangeRequest = fc
  .tuple(nearly('POST /meant HTTP/1.1\r\n', 'GET /meant HTTP/1.0\r\n'), framing, bodies)
  .map(([line, headers, body]) => `${line}Host: ${anyHost}\r\n${headers}\r\n${body}`)
const strangeStream = fc
  .array(strangeRequest, { minLength: 1, maxLength: 3 })
  .map((requests) => requests.join(''))

interface OpenLane extends Lane {
  /** Sends it and what ends a connection, and waits until that has ended. */
  send(text: string): Promise<string>
  check(text: string): Promise<void>
}

async function oneLane(): Promise<OpenLane> {
  const [lane] = await lanes(1)
  if (lane === undefined) throw new Error('there is no lane')
  return lane
}

/** A gateway before as many workers, which differ by their host. */
async function lanes(count: number): Promise<readonly OpenLane[]> {
  const made = await Promise.all(
    Array.from({ length: count }, async (_, at) => {
      const lane: Lane = { host: `lane${at}.localhost`, seen: [], malformed: [], served: 0 }
      return { lane, backend: backendAt(await listen(witness(lane))) }
    }),
  )
  const port = await serve(
    made.map(({ backend }, at) => routeTo(`lane${at}`, [backend])),
    {
      limits: { requestHeadTimeoutMs: 100, requestIdleTimeoutMs: 100 },
      onRequest({ environment, status }) {
        const lane = made.find(({ lane: { host } }) => environment === `${host.split('.')[0]}-prod`)
        if (lane && status === 200) lane.lane.served += 1
      },
    },
  )
  return made.map(({ lane }) => {
    const send = async (text: string) => {
      const stream = `${withHost(text, lane.host)}GET /last HTTP/1.1\r\nHost: ${lane.host}\r\nConnection: close\r\n\r\n`
      const client = openSocket(port, Buffer.from(stream, 'latin1'))
      await client.closed
      return stream
    }
    return Object.assign(lane, {
      send,
      async check(text: string) {
        const meant = readRequests(await send(text)).map(essence)
        expect(lane.malformed).toEqual([])
        expect(isWithin(lane.seen.map(essence), meant)).toBe(true)
        for (const request of lane.seen)
          expect(valuesOf(request.headers, 'host')).toEqual([lane.host])
        expect(lane.served).toBeLessThanOrEqual(lane.seen.length)
      },
    })
  })
}

function essence({ method, target, body }: WireRequest): string {
  return JSON.stringify([method, target, body])
}

/** Each is there once, in the same order; some may be left out. */
function isWithin(some: readonly string[], all: readonly string[]): boolean {
  let from = 0
  return some.every((one) => {
    from = all.indexOf(one, from) + 1
    return from > 0
  })
}

function withHost(text: string, host: string): string {
  return text.replaceAll(anyHost, host)
}

/** A worker that keeps its connections and writes down what it reads. */
function witness(lane: Lane): Server {
  return createServer((socket) => {
    let text = ''
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1')
      for (;;) {
        const reading = readRequest(text)
        if (reading.type === 'malformed') lane.malformed.push(reading.why)
        if (reading.type !== 'request') return
        text = reading.rest
        lane.seen.push(reading.request)
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      }
    })
  })
}
