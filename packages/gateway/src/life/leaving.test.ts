import { describe, expect, test } from 'vitest'
import { awake, backend, collect, createTestLives, type TestLives } from './lives.suite.ts'
import type { LifeRecord } from './record.ts'
import type { Sight, Waker } from './waker.ts'

/** No sweep looks around in between. */
const unswept = { sweepMs: 3_600_000 }

const record = (state: LifeRecord['state'], generation = 1): LifeRecord => ({
  ...{ generation, state, words: [], since: 0 },
})

/** Its old process takes its time to end. */
const stopping: Partial<Sight> = { record: record('down'), leaving: 1, isGone: false }

/** Who leaves when the test says so. */
function comeTo({ lives, clock }: TestLives, environment = 'acme') {
  let leave = () => {}
  const turn = lives.turn(environment, {
    ...{ bytes: 0, since: clock.now(), cause: 'request' },
    onLeft(run) {
      leave = run
      return () => {}
    },
  })
  return { given: collect([Promise.resolve(turn)]), leave: () => leave() }
}

const left = [{ type: 'none', because: 'left' }]

interface Departure {
  readonly from: Partial<Sight>
  readonly slow?: (waker: Waker, test: () => TestLives) => Partial<Waker>
  readonly leavesAfterMs: number
  readonly afterwards?: (test: TestLives) => void
}

const departures: Readonly<Record<string, Departure>> = {
  'after the wake is written': { from: {}, leavesAfterMs: 10 },
  'before the store has told that nothing is left': {
    from: {},
    slow: ({ look }, test) => ({
      async look(name, signal) {
        await new Promise<void>((done) => test().clock.after(10, done))
        return await look(name, signal)
      },
    }),
    leavesAfterMs: 5,
  },
  'while the store does not answer': {
    from: {},
    slow({ look }) {
      let failures = 5
      return {
        async look(name, signal) {
          failures -= 1
          if (failures >= 0) throw new Error('no store')
          return await look(name, signal)
        },
      }
    },
    leavesAfterMs: 5,
  },
  'while the old process still ends': {
    from: stopping,
    leavesAfterMs: 3_000,
    afterwards: ({ change }) => change('acme', { leaving: 0, isGone: true }),
  },
  'while its environment is being replaced': {
    from: stopping,
    leavesAfterMs: 3_000,
    afterwards({ clock, remove, change }) {
      remove('acme')
      clock.after(5_000, () => change('acme', { leaving: 0, isGone: true }))
    },
  },
}

describe('a client that leaves ends its wait and not the wake', () => {
  test.each(Object.entries(departures))(
    '%s',
    async (_, { from, slow, leavesAfterMs, afterwards }) => {
      const test: TestLives = createTestLives({ acme: from }, {}, (waker) =>
        slow === undefined ? {} : slow(waker, () => test),
      )
      const { lives, clock, writes, wakes, change } = test
      const { given, leave } = comeTo(test)
      await clock.advance(leavesAfterMs)
      leave()
      await clock.advance(0)
      expect(given).toEqual(left)
      expect(lives.held).toBe(0)
      afterwards?.(test)
      await clock.advance(10_000)
      expect(writes).toMatchObject([['acme', { state: 'up', generation: 2 }]])
      change('acme', { ready: [backend('p2')], isGone: false })
      await clock.advance(10)
      expect(lives.state('acme')).toBe('awake')
      expect(writes).toHaveLength(1)
      expect(wakes).toMatchObject([{ environment: 'acme', cause: 'request' }])
    },
  )
})

test('whoever comes while a sleep is being prepared and leaves again calls it off all the same', async () => {
  const slow = Promise.withResolvers<void>()
  const test = createTestLives({ acme: { ...awake, idleMs: 1_000 } }, unswept, ({ write }) => ({
    async write(...args) {
      const standing = await write(...args)
      await slow.promise
      return standing
    },
  }))
  const { lives, clock, writes } = test
  for (let tries = 100; tries > 0 && writes.length === 0; tries -= 1) await clock.next()
  const { given, leave } = comeTo(test)
  leave()
  await clock.advance(0)
  expect(given).toEqual(left)
  slow.resolve()
  await clock.advance(0)
  expect(writes).toMatchObject([
    ['acme', { state: 'draining' }],
    ['acme', { state: 'up', generation: 1 }],
  ])
  expect(lives.state('acme')).toBe('awake')
})

test('a wake by no request is waited for until its signal, and goes on', async () => {
  const { lives, clock, change, writes } = createTestLives({ acme: stopping })
  const over = new AbortController()
  const woken = lives.wake('acme', 'schedule', over.signal)
  await clock.advance(10)
  over.abort()
  expect(await woken).toBe('left')
  expect(lives.held).toBe(0)
  change('acme', { leaving: 0, isGone: true })
  await clock.advance(2_000)
  expect(writes).toMatchObject([['acme', { state: 'up', generation: 2 }]])
  change('acme', { ready: [backend('p2')], isGone: false })
  await clock.advance(10)
  expect(lives.state('acme')).toBe('awake')
})

test('that a wake goes on without its client is seen: whoever comes joins it', async () => {
  const test = createTestLives({ acme: stopping })
  expect(test.lives.view('acme')?.isWanted).toBe(false)
  const { leave } = comeTo(test)
  expect(test.lives.view('acme')).toMatchObject({ held: 1, isWanted: true })
  leave()
  expect(test.lives.view('acme')).toMatchObject({ held: 0, isWanted: true })
})

describe('nothing is woken for a client that has left', () => {
  async function expectNoWake(
    then: (test: TestLives) => void,
    { from = stopping, afterMs = 0 }: { from?: Partial<Sight>; afterMs?: number } = {},
  ) {
    const test = createTestLives({ acme: from })
    const { leave } = comeTo(test)
    await test.clock.advance(1_000)
    leave()
    then(test)
    await test.clock.advance(afterMs)
    test.change('acme', { leaving: 0, isGone: true, service: 'active' })
    await test.clock.advance(60_000)
    expect(test.writes).toEqual([])
  }

  test('when it could have waited no longer', async () => {
    await expectNoWake(() => {}, { from: { ...stopping, wakeTimeoutMs: 5_000 }, afterMs: 4_001 })
  })

  test('when its environment is out of service, even if that passes', async () => {
    await expectNoWake(({ change }) => change('acme', { service: 'suspended' }))
  })

  test('when another gateway has woken it meanwhile, even if it sleeps again', async () => {
    await expectNoWake(({ change }) => change('acme', { record: record('down', 2) }))
  })

  test('when its environment has been gone for long, and another of its name is made', async () => {
    await expectNoWake(({ remove }) => remove('acme'), { afterMs: 15_000 })
  })
})

test('nothing is woken for one who found the queue full', async () => {
  const hold = { requestsPerEnvironment: 1, bytesPerEnvironment: 100, requests: 1, bytes: 100 }
  const test = createTestLives({ acme: stopping, beta: stopping }, { hold })
  const { clock, change, writes } = test
  comeTo(test, 'beta')
  const { given } = comeTo(test)
  await clock.advance(0)
  expect(given).toEqual([{ type: 'none', because: 'full' }])
  change('acme', { leaving: 0, isGone: true })
  await clock.advance(60_000)
  expect(writes).toEqual([])
})
