import { describe, expect, test } from 'vitest'
import { ambiguousStreams, plainTarget } from './ambiguous-streams.suite.ts'
import {
  type ForeignTrouble,
  pythonMissing,
  type ReadRequest,
  type WorkerKind,
  workerKinds,
} from './foreign-worker.suite.ts'
import { haproxyMissing } from './haproxy.suite.ts'
import { isWithin } from './lanes.suite.ts'
import { type Passage, throughGateway, throughHaproxy } from './passages.suite.ts'
import { readRequests } from './strict-reader.suite.ts'

const streams = ambiguousStreams(2_000)
const patienceMs = 120_000

/** Where everything is to be there, nothing is passed over. */
const isOptional = process.env.CI !== 'true'

describe.skipIf(isOptional && pythonMissing !== undefined)(
  `servers of Python’s, which share no code with the gateway (${pythonMissing ?? 'real'})`,
  { timeout: patienceMs },
  () => {
    test.each(workerKinds)(
      'find in what they are sent the requests that the gateway has taken, each with its identity, and nothing else: %s',
      async (kind) => {
        const { passages, requests, troubles } = await throughGateway(streams, kind)

        expect(troubles.filter((trouble) => !isExpected(trouble, kind))).toEqual([])
        // None without an identity, and none under that of nobody.
        expect(passages.flatMap((passage) => passage.requests)).toHaveLength(requests.length)
        expect(passages.flatMap(faultsOf)).toEqual([])

        // Neither is all refused, nor all of one kind.
        const begun = passages.filter(({ answers }) => answers[0]?.request?.target === plainTarget)
        expect(begun).toHaveLength(streams.length)
        const bodies = requests.filter(({ body }) => body !== '')
        expect(
          bodies.filter(({ headers }) => count(headers, 'content-length') > 0).length,
        ).toBeGreaterThan(400)
        expect(
          bodies.filter(({ headers }) => count(headers, 'transfer-encoding') > 0).length,
        ).toBeGreaterThan(200)
        expect(
          passages.filter(({ answers }) => answers.at(-1)?.status === 400).length,
        ).toBeGreaterThan(400)
      },
    )

    test.skipIf(isOptional && haproxyMissing !== undefined)(
      `what HAProxy takes as well it takes alike (${haproxyMissing ?? 'real'})`,
      async () => {
        const { passages } = await throughGateway(streams, 'evented')
        const others = await throughHaproxy(streams)
        const both = passages.flatMap(({ stream, answers }, at) =>
          answers.flatMap(({ request: ours }, turn) => {
            const theirs = others[at]?.[turn]?.request
            return ours && theirs ? [{ stream, ours: essence(ours), theirs: essence(theirs) }] : []
          }),
        )
        expect(both.filter(({ ours, theirs }) => ours !== theirs)).toEqual([])
        expect(both.length).toBeGreaterThan(streams.length)
      },
    )
  },
)

/** What a passage of a stream must not show. */
function faultsOf({ stream, host, identity, answers, requests, told }: Passage) {
  const meant = readRequests(stream).map(essence)
  const answered = answers.flatMap(({ request }) => request?.number ?? [])
  const faults = {
    'its worker read other requests than were answered':
      requests.map(({ number }) => number).join() !== answered.join(),
    'the gateway tells of more or fewer':
      told.filter((status) => status === 200).length !== requests.length,
    'one is not in the stream': !isWithin(requests.map(essence), meant),
    'one is for another host': requests.some(
      (request) => request.host?.replace(/:80$/, '') !== host,
    ),
    'one names several hosts': requests.some(({ headers }) => count(headers, 'host') !== 1),
    'one has no identity, or several': requests.some(
      ({ headers }) => count(headers, 'x-pulse-backend') !== 1,
    ),
    'one is framed twice': requests.some(
      ({ headers }) => count(headers, 'content-length') + count(headers, 'transfer-encoding') > 1,
    ),
  }
  const found = Object.entries(faults).flatMap(([fault, isSo]) => (isSo ? [fault] : []))
  return found.length > 0 ? [{ found, stream, identity, answers, requests, told }] : []
}

function essence({ method, target, body }: Omit<ReadRequest, 'number'>): string {
  // Several slashes at the beginning are one to Python’s server, and to the gateway where it decides.
  return JSON.stringify([method, target.replace(/^\/+/, '/'), body])
}

/** What no gateway can help. */
function isExpected(trouble: ForeignTrouble, kind: WorkerKind): boolean {
  // A client that breaks off takes its request with it, and nothing came after that.
  if (trouble.type === 'broken') return trouble.rest === ''
  // gevent takes no body with HEAD; its client is told so.
  return trouble.type === 'refused' && kind === 'evented' && trouble.line.startsWith('HEAD ')
}

/** Python’s applications take an underscore for a dash. */
function count(headers: Passage['requests'][number]['headers'], wanted: string): number {
  return headers.filter(([name]) => name.toLowerCase().replaceAll('_', '-') === wanted).length
}
