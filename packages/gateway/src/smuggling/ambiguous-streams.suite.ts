import fc from 'fast-check'
import { changed } from '../strange-bytes.suite.ts'
import { attacks, get, hidden } from './attacks.suite.ts'
import { anyHost } from './lanes.suite.ts'

/**
 * The known attacks, and as many streams of up to three requests in which readers could differ: the same ones each
 * time. Each begins with a request that is plain, and ends with one that is the last of its connection.
 */
export function ambiguousStreams(count: number): readonly string[] {
  const drawn = fc.sample(stream, { seed: 9112, numRuns: count })
  return [...Object.values(attacks), ...drawn].map((text) => `${plain}${text}${last}`)
}

export const plainTarget = '/plain'
const plain = get('').replace('/meant', plainTarget)
/** What follows is nobody's, but for a body that was said to be longer than it is: it need not be waited for. */
const last = `GET /last HTTP/1.1\r\nHost: ${anyHost}\r\nConnection: close\r\n\r\n${'x'.repeat(1_000)}`

/** The first but for once in a while, or most streams would be refused at their first byte. */
function mostly<T>(first: T, ...others: readonly T[]): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: 14, arbitrary: fc.constant(first) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  )
}

const requestLine = mostly(
  'POST /meant HTTP/1.1',
  'GET /meant HTTP/1.1',
  'HEAD /meant HTTP/1.1',
  'DELETE /meant HTTP/1.1',
  'OPTIONS * HTTP/1.1',
  'POST /meant HTTP/1.0',
  'POST /meant HTTP/0.9',
  'POST /meant HTTP/1.2',
  'POST /meant HTTP/2.0',
  'POST /meant',
  'GET /meant',
  'POST /meant http/1.1',
  'post /meant HTTP/1.1',
  'POST  /meant  HTTP/1.1',
  'POST\t/meant\tHTTP/1.1',
  'POST /meant HTTP/1.1 ',
  ' POST /meant HTTP/1.1',
  '\r\nPOST /meant HTTP/1.1',
  // Python takes these two for spaces.
  'POST /meant\xa0 HTTP/1.1',
  'POST /meant\x85HTTP/1.1 HTTP/1.1',
  'POST //meant HTTP/1.1',
  'POST /me%61nt?a=/%0d%0a#b HTTP/1.1',
  `POST http://${anyHost}/meant HTTP/1.1`,
  'POST http://other.localhost/meant HTTP/1.1',
)

const hostLine = mostly(
  `Host: ${anyHost}`,
  `host:${anyHost}`,
  `Host: ${anyHost} `,
  `Host: ${anyHost}:80`,
  `Host : ${anyHost}`,
  `Host: other.localhost\r\nHost: ${anyHost}`,
  `Host: ${anyHost}\r\nX_Host: other.localhost`,
  `Ho\0st: ${anyHost}`,
)

/** They move no border between two requests, however much they look like it. */
const harmless = fc.constantFrom(
  'X-A: b',
  'X-A: \x80\x85\xa0\xff',
  'X-A: b\x85Content-Length: 5',
  'Connection: content-length',
  'Connection: Transfer-Encoding, Host',
  'Connection: keep-alive, X-Pulse-Backend',
  'Connection: close',
  'Connection: keep-alive',
  'Keep-Alive: timeout=5',
  'Connection: Upgrade\r\nUpgrade: h2c',
  'Upgrade: websocket',
  'TE: trailers, chunked',
  'Trailer: Content-Length',
  'Expect: 100-continue',
  'X-Pulse-Backend: other-prod.1.x',
  'X_Pulse_Backend: other-prod.1.x',
  'x-pulse-BACKEND: other-prod.1.x',
  'X-Forwarded-Host: other.localhost',
  'Content_Length: 5',
  'Transfer_Encoding: chunked',
  'Content-Type: application/x-www-form-urlencoded',
  'Content-Encoding: gzip',
)
const harmful = fc.constantFrom(
  'X-A: b\r\n Content-Length: 5',
  'X-A: b\r\n\tTransfer-Encoding: chunked',
  'X-A: b\rContent-Length: 5',
  'X-A: b\nTransfer-Encoding: chunked',
  'X-A: \x1cContent-Length: 5',
  'X-A\0: b',
  'X-A: b\0',
  'X A: b',
  'X-A',
  ': b',
)
const beside = fc.oneof({ weight: 9, arbitrary: harmless }, { weight: 1, arbitrary: harmful })

type Spelling = (bytes: number) => string

const lengthName = mostly(
  'Content-Length',
  'content-length',
  'Content-Length ',
  'Content-Length\t',
  ' Content-Length',
  'Content-Length\0',
  'Content_Length',
)
const lengthValue = mostly<Spelling>(
  String,
  (bytes) => `0${bytes}`,
  (bytes) => `${'0'.repeat(30)}${bytes}`,
  (bytes) => `+${bytes}`,
  (bytes) => `-${bytes}`,
  (bytes) => `${bytes}, ${bytes}`,
  (bytes) => `0, ${bytes}`,
  (bytes) => `${bytes},`,
  (bytes) => `${bytes} 0`,
  (bytes) => `${bytes}\t`,
  (bytes) => `\v${bytes}`,
  (bytes) => `\xa0${bytes}`,
  (bytes) => `0x${bytes.toString(16)}`,
  (bytes) => `0_${bytes}`,
  (bytes) => `${bytes}.0`,
  (bytes) => `"${bytes}"`,
  (bytes) => `\r\n ${bytes}`,
  (bytes) => String(2n ** 64n + BigInt(bytes)),
  () => '',
  // Well written, and wrong.
  (bytes) => String(bytes + 1),
  (bytes) => String(Math.max(0, bytes - 1)),
  () => '0',
)

function lengthOf(body: string): fc.Arbitrary<string> {
  return fc.tuple(lengthName, lengthValue).map(([name, spell]) => `${name}: ${spell(body.length)}`)
}

const codingName = mostly(
  'Transfer-Encoding',
  'transfer-encoding',
  'Transfer-Encoding ',
  'Transfer-Encoding\t',
  ' Transfer-Encoding',
  'Transfer_Encoding',
  'Transfer-Encoding\0',
)
const codingValue = mostly(
  'chunked',
  'Chunked',
  'chunked\t',
  'xchunked',
  'chunked, identity',
  'identity, chunked',
  'identity',
  'gzip, chunked',
  'chunked, chunked',
  'chunked,',
  ', chunked',
  'chunked;q=1',
  '"chunked"',
  '\vchunked',
  'chunked\x85',
  '\r\n chunked',
  'chunked\r\nTransfer-Encoding: identity',
  'chunked\r\nTransfer-Encoding: chunked',
  '',
)
const coding = fc.tuple(codingName, codingValue).map(([name, value]) => `${name}: ${value}`)

const content = fc.constantFrom('', 'a', 'abcde', '0\r\n\r\n', hidden, `0\r\n\r\n${hidden}`)
const size = mostly<Spelling>(
  (bytes) => bytes.toString(16),
  (bytes) => bytes.toString(16).toUpperCase(),
  (bytes) => `000000${bytes.toString(16)}`,
  (bytes) => `0x${bytes.toString(16)}`,
  (bytes) => `+${bytes.toString(16)}`,
  (bytes) => `-${bytes.toString(16)}`,
  (bytes) => ` ${bytes.toString(16)}`,
  (bytes) => `0_${bytes.toString(16)}`,
  (bytes) => (2n ** 32n + BigInt(bytes)).toString(16),
  (bytes) => (2n ** 64n + BigInt(bytes)).toString(16),
  (bytes) => (bytes + 1).toString(16),
  String,
  () => '',
)
const sizeEnd = mostly(
  '\r\n',
  ';a=b\r\n',
  ';a="b;c"\r\n',
  ';a="\r\n"\r\n',
  ';a\rb\r\n',
  ';\n',
  ' ;a\r\n',
  ' \r\n',
  '\t\r\n',
  '\n',
  '\r',
  '\0\r\n',
)
const chunkEnd = mostly('\r\n', '\n', '\r', '', 'x\r\n')
const trailers = mostly(
  '',
  'X-Sum: 1\r\n',
  `X-Sum: 1\r\nGET: /hidden HTTP/1.1\r\nHost: ${anyHost}\r\n`,
  'Content-Length: 5\r\n',
  'Transfer-Encoding: chunked\r\n',
  'X-Pulse-Backend: other-prod.1.x\r\n',
  'X-Sum: 1\n',
  ' X-Sum: 1\r\n',
  'X-Sum\r\n',
)
const lastEnd = mostly('\r\n', '\n', '\r', '', '\r\n\r\n')
const chunked = fc
  .tuple(content, size, sizeEnd, chunkEnd, trailers, lastEnd)
  .map(([text, spell, endOfSize, endOfChunk, fields, end]) => {
    const chunk = text === '' ? '' : `${spell(text.length)}${endOfSize}${text}${endOfChunk}`
    return `${chunk}0${endOfSize}${fields}${end}`
  })

/** A body with what frames it, which once in a while are several or the wrong one. */
const framed = fc
  .oneof(
    content.map((body) => ({ body, right: lengthOf(body) })),
    chunked.map((body) => ({ body, right: coding })),
  )
  .chain(({ body, right }) => {
    const length = lengthOf(body)
    const lines = fc.oneof(
      { weight: 12, arbitrary: right.map((line) => [line]) },
      { weight: 1, arbitrary: fc.tuple(length, coding) },
      { weight: 1, arbitrary: fc.tuple(coding, length) },
      { weight: 1, arbitrary: fc.tuple(length, length) },
      { weight: 1, arbitrary: coding.map((line) => [line]) },
      { weight: 1, arbitrary: length.map((line) => [line]) },
      { weight: 1, arbitrary: fc.constant([]) },
    )
    return lines.map((framing) => ({ framing, body }))
  })

const headEnd = mostly('\r\n', '\n', '\r', '\r\r\n')
const request = fc
  .tuple(requestLine, hostLine, fc.array(beside, { maxLength: 2 }), framed, headEnd)
  .map(([line, host, others, { framing, body }, end]) => {
    const lines = [line, host, ...others, ...framing]
    return `${lines.map((text) => `${text}\r\n`).join('')}${end}${body}`
  })

const requests = fc.array(request, { minLength: 1, maxLength: 3 }).map((all) => all.join(''))
const stream = fc.oneof(
  { weight: 4, arbitrary: requests },
  { weight: 1, arbitrary: changed(requests, 200) },
)
