import { expect, test } from 'vitest'
import { createManualClock } from '../manual-clock.suite.ts'
import { createHand } from './hand.ts'
import type { LifeState } from './life-state.ts'
import { awake, createTestLives } from './lives.suite.ts'
import type { LifeAsk } from './waker.ts'

const hour = 3_600_000

test.each([
  ['forwards', hour],
  ['back', -hour],
])('orders count by the time that people have, also after it was set %s', (_, by) => {
  const clock = createManualClock(100 * hour)
  const epoch = () => clock.now() + by
  const woken: string[] = []
  const hand = createHand({ clock, epoch, wake: (environment) => woken.push(environment) })
  const sight = createTestLives({ acme: awake }).sight('acme')
  const given = (ask: LifeAsk, state: LifeState = 'awake') =>
    ({ environment: 'acme', state, sight: { ...sight, ask } }) as const
  expect(hand.heed(given({ sleepAt: epoch() }))).toBe(true)
  expect(hand.heed(given({ sleepAt: epoch() - hour }))).toBe(false)
  hand.heed(given({ wakeAt: epoch() }, 'asleep'))
  expect(woken).toEqual(['acme'])
  expect(hand.isKeptAwake(given({ awakeUntil: epoch() + 1 }))).toBe(true)
  expect(hand.isKeptAwake(given({ awakeUntil: epoch() - 1 }))).toBe(false)
})

test('an order counts also when the time was set back to before the start, and to before the last wake', async () => {
  const clock = createManualClock(100 * hour)
  let ahead = 0
  const hand = createHand({ clock, epoch: () => clock.now() + ahead, wake() {} })
  await clock.advance(10_000)
  ahead = -2 * hour
  const known = createTestLives({ acme: awake }).sight('acme')
  const record = { ...known.record, wokenAt: clock.now() - 1_000 }
  const sight = { ...known, record, ask: { sleepAt: clock.now() + ahead } }
  expect(hand.heed({ environment: 'acme', state: 'awake', sight })).toBe(true)
})

test('what a schedule asks for counts by the clock', async () => {
  const clock = createManualClock(100 * hour)
  const hand = createHand({ clock, epoch: () => 0, wake() {} })
  const life = { environment: 'acme', sight: createTestLives({ acme: awake }).sight('acme') }
  hand.keepAwake('acme', clock.now() + 1_000)
  expect(hand.isKeptAwake(life)).toBe(true)
  await clock.advance(1_000)
  expect(hand.isKeptAwake(life)).toBe(false)
})

test('an order to sleep that comes while it is stopping puts the next life to sleep no more', () => {
  const hand = createHand({ clock: createManualClock(0), epoch: () => 100 * hour, wake() {} })
  const sight = createTestLives({ acme: awake }).sight('acme')
  const ordered = { ...sight, ask: { sleepAt: 100 * hour } }
  expect(hand.heed({ environment: 'acme', state: 'stopping', sight: ordered })).toBe(false)
  expect(hand.heed({ environment: 'acme', state: 'awake', sight: ordered })).toBe(false)
})
