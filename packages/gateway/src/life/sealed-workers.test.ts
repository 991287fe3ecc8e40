import { expect, test } from 'vitest'
import { awake, backend, collect, createTestLives, mustGo } from './lives.suite.ts'
import type { Wanted } from './turn.ts'

const probeMs = 25

/** One worker, which says that it is ready when it is told to. */
function withWorker() {
  const worker = { isReady: false, questions: 0 }
  const test = createTestLives({ acme: { ...awake, idleMs: 600_000 } }, { probeMs }, () => ({
    async isReady() {
      worker.questions += 1
      return worker.isReady
    },
  }))
  const wanted: Wanted = {
    bytes: 0,
    since: test.clock.now(),
    cause: 'request',
    onLeft: () => () => {},
  }
  /** As a request that meets its seal. */
  const refuse = async () => {
    const go = mustGo(await test.ask('acme'))
    return go.life.refuse(go, true, wanted)
  }
  return { ...test, worker, wanted, refuse }
}

test('a worker that has refused because it is sealed gets no request before it says that it is ready', async () => {
  const { clock, worker, refuse, ask } = withWorker()
  const given = collect([refuse()])
  await clock.advance(0)
  given.push(...collect([ask('acme')]))
  await clock.advance(30_000)
  expect(given).toEqual([])
  // Its container has started anew, in the same pod.
  worker.isReady = true
  await clock.advance(probeMs)
  expect(given).toMatchObject([{ type: 'go', backend: { process: 'p1' } }])
})

test('one that the store has seen start anew is asked as any that starts, and no sooner', async () => {
  const { clock, worker, refuse, change, lives } = withWorker()
  const given = collect([refuse()])
  await clock.advance(0)
  change('acme', { ready: [], starting: [backend('p1')] })
  await clock.advance(1_000)
  expect(given).toEqual([])
  expect(lives.state('acme')).toBe('starting')
  expect(worker.questions).toBeGreaterThan(1)
  change('acme', { ready: [backend('p1')], starting: [] })
  await clock.advance(0)
  expect(given).toMatchObject([{ type: 'go' }])
})

test('where nobody waits one that was sealed is not asked for a minute, and counts as awake again after it', async () => {
  const { clock, worker, lives } = withWorker()
  lives.view('acme')
  lives.doubt('acme', backend('p1'), true)
  await clock.advance(59_000)
  expect(lives.ready('acme')).toBeUndefined()
  await clock.advance(1_000)
  expect(lives.ready('acme')).toEqual(backend('p1'))
  expect(worker.questions).toBe(0)
})

test('one that refuses though it said that it is ready is asked ever more seldom', async () => {
  const { clock, worker, wanted, ask } = withWorker()
  worker.isReady = true
  const refusedAt: number[] = []
  async function keepRefusing() {
    for (let turn = await ask('acme'); turn.type === 'go'; ) {
      refusedAt.push(clock.now())
      turn = await turn.life.refuse(turn, true, wanted)
    }
  }
  void keepRefusing()
  await clock.advance(10_000)
  expect(refusedAt.length).toBeGreaterThan(5)
  expect(refusedAt.length).toBeLessThan(20)
})

test('of two workers the one that is sealed is passed over, and the tenant is awake all the while', async () => {
  const { clock, refuse, change, states } = withWorker()
  change('acme', { ready: [backend('p1'), backend('p2')] })
  await clock.advance(0)
  const before = states.length
  const given = collect([refuse()])
  await clock.advance(0)
  expect(given).toMatchObject([{ type: 'go' }])
  expect(states.slice(before)).toEqual([])
})
