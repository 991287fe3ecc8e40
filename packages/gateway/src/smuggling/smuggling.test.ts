import fc from 'fast-check'
import { expect, test } from 'vitest'
import { eventually } from '../gateway-under-test.suite.ts'
import { anyBytes, nearly } from '../strange-bytes.suite.ts'
import { attacks, get, hidden, post } from './attacks.suite.ts'
import { anyHost, lanes, oneLane, withHost } from './lanes.suite.ts'

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

test('a target with bytes that are not printable ASCII is refused, and no worker hears of it', async () => {
  const codes = [...Array(0x21).keys(), ...Array.from({ length: 0x81 }, (_, at) => 0x7f + at)]
  // A space parts the words of the line, and who stops at a line feed finds another request.
  const bytes = codes.filter((code) => code !== 0x20).map((code) => String.fromCharCode(code))
  const all = await lanes(bytes.length)
  await Promise.all(
    all.map(async (lane, at) => {
      const { answers } = await lane.send(
        `GET /meant${bytes[at]}HTTP/1.0${bytes[at]} HTTP/1.1\r\nHost: ${lane.host}\r\n\r\n`,
      )
      expect(answers).toMatch(/^HTTP\/1\.1 400 /)
      expect([lane.seen, lane.malformed]).toEqual([[], []])
    }),
  )
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
  'Upgrade: h2c\r\nConnection: Upgrade\r\nTransfer-Encoding: chunked\r\n',
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
