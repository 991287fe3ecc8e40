import { get } from 'node:http'
import { createServer } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { listen } from '../../gateway-under-test.suite.ts'
import { nearly } from '../../strange-bytes.suite.ts'
import { AnswerError } from './answer-head.ts'
import { AnswerReader } from './answer-reader.ts'

interface Read {
  readonly status?: number
  readonly informed: readonly number[]
  readonly body: string
  readonly trailers?: readonly string[]
  readonly isKept?: boolean
  /** Bytes came after the end. */
  readonly isTooLong: boolean
}

/** What a reader makes of these pieces; `closed`: the backend ends after them. */
function read(pieces: readonly string[], { method = 'GET', closed = true } = {}): Read {
  const got: { -readonly [K in keyof Read]: Read[K] } = { informed: [], body: '', isTooLong: false }
  const reader = new AnswerReader(method, {
    onInformation: ({ status }) => {
      got.informed = [...got.informed, status]
    },
    onHead: ({ status, isKept }) => Object.assign(got, { status, isKept }),
    onData: (part) => {
      got.body += part.toString('latin1')
    },
    onEnd: (trailers) => Object.assign(got, { trailers }),
  })
  for (const piece of pieces) {
    if (!reader.push(Buffer.from(piece, 'latin1'))) got.isTooLong = true
  }
  if (closed) reader.end()
  return got
}

const whole = {
  'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody': { body: 'body', isKept: true },
  'HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: Close\r\n\r\nbody': { isKept: false },
  'HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\nbody': { body: 'body', isKept: false },
  'HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n': { isKept: true },
  'HTTP/1.0 200 OK\r\n\r\nto the end': { body: 'to the end', isKept: false },
  'HTTP/1.1 200\r\n\r\nto the end': { body: 'to the end', isKept: false },
  'HTTP/1.1 204 No Content\r\n\r\n': { body: '', isKept: true },
  'HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\n': { body: '', isKept: true },
  'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx': {
    informed: [103],
    body: 'x',
  },
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;a="b"\r\nbody\r\n00A\r\n0123456789\r\n0\r\n\r\n':
    { body: 'body0123456789', isKept: true, trailers: [] },
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n': {
    body: '',
    trailers: ['X-Sum', '1', 'X-More', '2'],
  },
}

test.each(Object.entries(whole))('%j is read whole', (answer, expected) => {
  expect(read([answer])).toMatchObject({ trailers: [], isTooLong: false, ...expected })
})

test('however an answer is cut into pieces, it reads the same', () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(whole)), fc.array(fc.nat(200)), (answer, cuts) => {
      const at = [0, ...cuts.map((cut) => cut % answer.length).toSorted((a, b) => a - b)]
      const pieces = at.map((from, index) => answer.slice(from, at[index + 1]))
      expect(read(pieces)).toEqual(read([answer]))
    }),
  )
})

test.each([
  'HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\nbody',
  'HTTP/1.1 200 OK\r\nContent-Length: 4, 4\r\n\r\nbody',
  'HTTP/1.1 200 OK\r\nContent-Length: +4\r\n\r\nbody',
  'HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length : 4\r\n\r\nbody',
  'HTTP/1.1 200 OK\r\nX-A: 1\r\n folded\r\n\r\n',
  'HTTP/1.1 200 OK\nContent-Length: 4\r\n\r\nbody',
  'HTTP/1.1 200 OK\r\nX-A: 1\nX-B: 2\r\n\r\n',
  'HTTP/1.1 200 OK\r\nX-A: 1\rX-B: 2\r\n\r\n',
  'HTTP/1.1 200 OK\r\nX-A: \x00\r\n\r\n',
  'HTTP/1.1 200 OK\r\nno colon\r\n\r\n',
  'HTTP/2 200 OK\r\n\r\n',
  'HTTP/1.1 099 LOW\r\n\r\n',
  'HTTP/1.1 2000 HIGH\r\n\r\n',
  'HTTP/1.1 101 Switching Protocols\r\n\r\n',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\nbody\r\n0\r\n\r\n',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nbody\r\n0\r\n\r\n',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n\r\n',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n',
  `HTTP/1.1 200 OK\r\nX-A: ${'x'.repeat(40_000)}`,
  `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;${'x'.repeat(5_000)}`,
])('%j is no answer', (answer) => {
  expect(() => read([answer])).toThrow(AnswerError)
})

test('a head without a body says so to HEAD, whatever its length says', () => {
  const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n'
  expect(read([answer], { method: 'HEAD', closed: false })).toMatchObject({ trailers: [] })
  expect(read([answer], { closed: false }).trailers).toBeUndefined()
})

test('what breaks off is not whole, and what follows is not of it', () => {
  expect(read(['HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nbody']).trailers).toBeUndefined()
  const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n'
  expect(read([chunked]).trailers).toBeUndefined()
  expect(read(['HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbodyHTTP/1.1 200 OK'])).toMatchObject({
    body: 'body',
    isTooLong: true,
  })
})

test('what Node reads too, it reads the same', async () => {
  let answer = ''
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end(answer, 'latin1'))
  })
  const port = await listen(server)
  await fc.assert(
    fc.asyncProperty(nearly(...Object.keys(whole)), async (text) => {
      answer = text
      const ours = attempt(() => read([text]))
      if (ours?.trailers === undefined || ours.isTooLong) return
      const theirs = await readByNode(port)
      if (theirs) expect({ status: ours.status, body: ours.body }).toEqual(theirs)
    }),
    { numRuns: 500 },
  )
})

function attempt<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch (error) {
    if (error instanceof AnswerError) return undefined
    throw error
  }
}

/** Undefined where Node finds no whole answer. */
function readByNode(port: number): Promise<{ status: number; body: string } | undefined> {
  return new Promise((resolve) => {
    get({ port, host: '127.0.0.1', agent: false }, (incoming) => {
      let body = ''
      incoming.setEncoding('latin1')
      incoming.on('data', (part) => {
        body += part
      })
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, body }))
      incoming.on('error', () => resolve(undefined))
    }).on('error', () => resolve(undefined))
  })
}
