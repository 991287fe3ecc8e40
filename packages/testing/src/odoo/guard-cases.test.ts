import { afterEach, expect, test } from 'vitest'
import { text } from './answer.ts'
import { createGate, type Gate } from './gate.ts'
import {
  askGuarded,
  type GuardCase,
  guardCases,
  guardCasesUnsent,
  guardedHost,
  guardIdentity,
} from './guard-cases.testing.ts'
import { type HttpServer, startHttpServer } from './http-server.ts'
import { type Answering, guard } from './plana-gateway.ts'
import { createServerLog } from './server-log.ts'

/** Hundreds of connections, one after the other. */
const testMs = 30_000
let server: HttpServer | undefined
afterEach(() => server?.stop(0))

test.each([
  ['http', '1.0'],
  ['gevent', '1.1'],
] as const)(
  'the stand-in answers as the guard of real servers does, by the list of both: %s port',
  async (name, version) => {
    let answer: Answering = async () => text('')
    server = await startHttpServer({
      host: '127.0.0.1',
      port: 0,
      proxyMode: false,
      version,
      log: createServerLog('critical'),
      answer: (exchange) => answer(exchange),
      upgrade: () => false,
    })
    const cases = [...guardCases(name), ...guardCasesUnsent()]
    for (const asked of cases) {
      const runs: string[] = []
      answer = await guardWith(runs, asked.isSealed)
      await expectAnswer(server.port, asked, runs)
    }
    expect(cases.length).toBeGreaterThan(300)
  },
  testMs,
)

/** Of a server like the list's, which says what it calls. */
async function guardWith(runs: string[], isSealed: boolean): Promise<Answering> {
  const gate = createGate()
  if (isSealed) await gate.seal(0)
  const seal: Gate['seal'] = (timeoutMs) => {
    runs.push(`seal ${timeoutMs / 1000}`)
    return gate.seal(timeoutMs)
  }
  return guard({
    identity: guardIdentity(),
    gate: { ...gate, seal },
    async answer({ headers }) {
      // To be ready is to answer with the login page.
      if (runs[0] !== 'readiness') runs.push('application')
      return text('', 'x-pulse-backend' in headers ? 500 : 200)
    },
    async servesHost(host) {
      runs.push('readiness')
      return host === guardedHost
    },
    async runSchedules(database) {
      runs.push(database === guardedHost ? 'schedules' : `schedules of ${database}`)
      return { jobs: 0, next: null }
    },
  })
}

async function expectAnswer(port: number, asked: GuardCase, runs: readonly string[]) {
  const { status, headerOf } = await askGuarded(port, asked)
  const refused = headerOf('x-pulse-refused')
  const given = { status, refused, runs: runs.length > 0 ? runs.join(', ') : undefined }
  expect.soft(given, JSON.stringify(asked)).toEqual(asked.answer)
  if (runs[0] !== 'application') expect.soft(headerOf('cache-control')).toBe('no-store')
  if ([404, 405, 421].includes(status)) expect.soft(headerOf('content-length')).toBe('0')
}
