import fc from 'fast-check'
import { expect, test } from 'vitest'
import { eventually } from '../gateway-under-test.suite.ts'
import { anyBytes, nearly } from '../strange-bytes.suite.ts'
import { anyHost, lanes, oneLane, withHost } from './lanes.suite.ts'

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

test.each([
  'gzip, chunked',
  ', chunked',
  'chunked,',
  'chunked, chunked',
  'chunked\r\nTransfer-Encoding: chunked',
  'gzip\r\nTransfer-Encoding: chunked',
  'chunked;q=1',
  'identity',
  'gzip',
  '',
])(
  'a body whose coding is %j is refused, and nothing of its connection is routed',
  async (coding) => {
    const lane = await oneLane()
    const { answers } = await lane.send(
      post(`Transfer-Encoding: ${coding}\r\n`, `0\r\n\r\n${hidden}`),
    )
    expect(answers).toMatch(/^HTTP\/1\.1 400 /)
    expect(answers.match(/^HTTP/gm)).toHaveLength(1)
    expect(lane.seen).toEqual([])
  },
)

test('a chunked body is refused where no codings are known', async () => {
  const lane = await oneLane()
  const { answers } = await lane.send(attacks['a chunked body in HTTP/1.0'] ?? '')
  expect(answers).toMatch(/^HTTP\/1\.1 400 /)
  expect(lane.seen).toEqual([])
})

test.each(['chunked', 'Chunked', 'CHUNKED', '\tchunked '])(
  'a body whose coding is %j is taken',
  async (coding) => {
    const lane = await oneLane()
    await lane.send(post(`Transfer-Encoding: ${coding}\r\n`, '5\r\nabcde\r\n0\r\n\r\n'))
    expect(lane.seen.map(({ target, body }) => [target, body])).toEqual([
      ['/meant', 'abcde'],
      ['/last', ''],
    ])
  },
)

test('a head of more headers than are read is refused as a whole', async () => {
  const lane = await oneLane()
  const many = 'a: b\r\n'.repeat(2_001)
  await lane.send(post(`${many}Transfer-Encoding: chunked\r\n`, '1\r\na\r\n0\r\n\r\n'))
  expect(lane.seen).toEqual([])
})

/** Some streams end within a request, and wait for the gateway to see it. */
const patienceMs = 60_000

test('whatever a client sends, a worker is sent what a strict reader finds in it', {
  timeout: patienceMs,
}, async () => {
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
  'Transfer-Encoding: gzip, chunked\r\n',
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
