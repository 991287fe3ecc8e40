import { createServer } from 'node:http'
import { askGuarded, type GuardCase, guardCases, guardIdentity } from '@pulse/testing'
import { expect, test } from 'vitest'
import { listen, rawBackend } from './gateway-under-test.suite.ts'
import { guardedProcess, refusal } from './guarded-process.suite.ts'

/** All but the questions of probes and of Pulse itself. */
const cases = guardCases('gevent').filter(
  ({ who, answer }) => who === 'visitor' || answer.refused === 'identity',
)

test('the double of a guarded process answers a gateway as the guard does, by its own list', async () => {
  let runs: string | undefined
  const processes = [false, true].map((isSealed) =>
    guardedProcess({
      identity: guardIdentity().visitor,
      isSealed,
      answer(_request, response) {
        runs = 'application'
        response.end()
      },
    }),
  )
  const ports = await Promise.all(processes.map(({ answer }) => listen(createServer(answer))))
  const answersTo = async (asked: GuardCase) => {
    runs = undefined
    const { status, headerOf } = await askGuarded(ports[Number(asked.isSealed)] ?? 0, asked)
    return { status, refused: headerOf('x-pulse-refused'), runs }
  }
  for (const asked of cases) {
    expect.soft(await answersTo(asked), JSON.stringify(asked)).toEqual(asked.answer)
  }
  expect(cases.length).toBeGreaterThan(150)
}, 30_000)

test.each(['identity', 'sealed'])(
  'a refusal over a socket says what the guard’s does: %s',
  async (word) => {
    const asked = cases.find(({ answer }) => answer.refused === word)
    if (asked === undefined) throw new Error(`the list has no refusal for ${word}`)
    const { status, headerOf } = await askGuarded(await listen(rawBackend(refusal(word))), asked)
    expect({ status, refused: headerOf('x-pulse-refused') }).toEqual(asked.answer)
    expect([headerOf('content-length'), headerOf('cache-control')]).toEqual(['0', 'no-store'])
  },
)
