import { expect, test } from 'vitest'
import { awake, backend, collect, createTestLives, mustGo } from './lives.suite.ts'
import type { LifeRecord } from './record.ts'

/** Not up yet when the gateway started: who uses it is known. */
const wokenAt = (since: number) => ({
  record: { generation: 1, state: 'up', words: [], since } satisfies LifeRecord,
})

test('a request that comes before a sleep is agreed calls it off; one that comes after is kept for the next process', async () => {
  const { lives, clock, writes, change, ask, sight } = createTestLives(
    { acme: { ...awake, idleMs: 1_000 } },
    {},
    () => ({ members: () => ['gateway', 'other'] }),
  )
  await clock.advance(3_000)
  expect(writes.at(-1)).toMatchObject(['acme', { state: 'draining', words: ['gateway'] }])
  const early = collect([ask('acme')])
  await clock.advance(10)
  expect(writes.at(-1)).toMatchObject(['acme', { state: 'up', generation: 1 }])
  expect(early).toMatchObject([{ type: 'go', backend: { process: 'p1' } }])
  const first = mustGo(early[0])
  first.life.finish(first, true)

  await clock.advance(3_000)
  const { record } = sight('acme')
  change('acme', { record: { ...record, words: ['gateway', 'other'] } })
  await clock.advance(10)
  expect(writes.at(-1)).toMatchObject(['acme', { state: 'down', generation: 1 }])
  const late = collect([ask('acme')])
  await clock.advance(10)
  expect(late).toEqual([])
  change('acme', { ready: [], isGone: true })
  await clock.advance(10)
  expect(writes.at(-1)).toMatchObject(['acme', { state: 'up', generation: 2 }])
  change('acme', { ready: [backend('p2')], isGone: false })
  await clock.advance(0)
  expect(late).toMatchObject([{ type: 'go', backend: { process: 'p2' } }])
  expect(lives.state('acme')).toBe('awake')
})

test('a gateway that has seen a user objects to a sleep that another one proposes, unless it was ordered', async () => {
  const { clock, writes, change, ask, sight } = createTestLives(
    { acme: { ...awake, idleMs: 60_000 } },
    {},
    () => ({ members: () => ['gateway', 'other'] }),
  )
  const proposed = (isOrdered: boolean) => {
    const { record } = sight('acme')
    change('acme', { record: { ...record, state: 'draining', words: ['other'], isOrdered } })
  }
  await clock.advance(1_000)
  change('acme', wokenAt(clock.now()))
  const go = mustGo(await ask('acme'))
  go.life.finish(go, true)
  await clock.advance(30_000)
  proposed(false)
  await clock.advance(10)
  expect(writes.at(-1)).toMatchObject(['acme', { state: 'up', generation: 1 }])
  expect(writes.at(-1)?.[1].since).toBeGreaterThan(clock.now() - 1_000)
  proposed(true)
  await clock.advance(10)
  expect(writes.at(-1)).toMatchObject(['acme', { state: 'down', generation: 1 }])
})

test('woken for its schedules here and used there: after one objection it is left alone for its idle time', async () => {
  const { lives, clock, change, writes, sight } = createTestLives(
    { acme: { idleMs: 3_600_000 } },
    { idleAfterScheduleMs: 5_000 },
    () => ({ members: () => ['gateway', 'other'] }),
  )
  const woken = lives.wake('acme', 'schedule')
  await clock.advance(10)
  change('acme', { ready: [backend('p2')], isGone: false })
  expect(await woken).toBe('awake')
  await clock.advance(10_000)
  expect(writes.at(-1)).toMatchObject(['acme', { state: 'draining', words: ['gateway'] }])
  const { record } = sight('acme')
  change('acme', { record: { ...record, state: 'up', words: [], since: clock.now() } })
  const before = writes.length
  await clock.advance(3_500_000)
  expect(writes).toHaveLength(before)
  await clock.advance(200_000)
  expect(writes.at(-1)).toMatchObject(['acme', { state: 'draining' }])
})

test('a gateway that has just started does not know who is active: for an idle time it objects to sleeps of others', async () => {
  const { clock, writes, change, sight } = createTestLives(
    { acme: { ...awake, idleMs: 600_000 } },
    { graceMs: 30_000 },
    () => ({ members: () => ['gateway', 'other'] }),
  )
  const propose = (isOrdered: boolean) => {
    const { record } = sight('acme')
    change('acme', { record: { ...record, state: 'draining', words: ['other'], isOrdered } })
  }
  // Its predecessor may have seen a user until the moment of its end.
  await clock.advance(590_000)
  propose(false)
  await clock.advance(10)
  expect(writes.at(-1)).toMatchObject(['acme', { state: 'up', generation: 1 }])
  propose(true)
  await clock.advance(10)
  expect(writes.at(-1)).toMatchObject(['acme', { state: 'down', generation: 1 }])
})

test('within its grace a gateway objects even where the idle time is shorter', async () => {
  const { clock, writes, change, sight } = createTestLives(
    { acme: { ...awake, idleMs: 1_000 } },
    { graceMs: 30_000 },
    () => ({ members: () => ['gateway', 'other'] }),
  )
  await clock.advance(20_000)
  const { record } = sight('acme')
  change('acme', { record: { ...record, state: 'draining', words: ['other'] } })
  await clock.advance(10)
  expect(writes.at(-1)).toMatchObject(['acme', { state: 'up', generation: 1 }])
})

test('what one gateway keeps awake, for its schedules or by an order, no other puts to sleep', async () => {
  const { lives, clock, writes, change, sight } = createTestLives(
    { acme: { ...awake, idleMs: 60_000 } },
    {},
    () => ({ members: () => ['gateway', 'other'] }),
  )
  const propose = () => {
    const { record } = sight('acme')
    change('acme', { record: { ...record, state: 'draining', words: ['other'] } })
  }
  lives.keepAwake('acme', clock.now() + 120_000)
  await clock.advance(90_000)
  propose()
  await clock.advance(10)
  expect(writes.at(-1)).toMatchObject(['acme', { state: 'up', generation: 1 }])
  await clock.advance(60_000)
  propose()
  await clock.advance(10)
  expect(writes.at(-1)).toMatchObject(['acme', { state: 'down', generation: 1 }])
})

test('a gateway that has seen nobody gives its word to a sleep that another one proposes', async () => {
  const { clock, writes, change, sight } = createTestLives(
    { acme: { ...awake, idleMs: 60_000 } },
    {},
    () => ({ members: () => ['gateway', 'other'] }),
  )
  await clock.advance(1_000)
  change('acme', wokenAt(clock.now()))
  await clock.advance(1_000)
  const { record } = sight('acme')
  change('acme', { record: { ...record, state: 'draining', words: ['other'] } })
  await clock.advance(10)
  expect(writes).toMatchObject([
    ['acme', { state: 'draining', words: ['other', 'gateway'] }],
    ['acme', { state: 'down' }],
  ])
})
