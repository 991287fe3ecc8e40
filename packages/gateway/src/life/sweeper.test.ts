import { expect, test } from 'vitest'
import { createManualClock, type ManualClock } from '../manual-clock.suite.ts'
import { silent } from '../silent-log.suite.ts'
import { createHand } from './hand.ts'
import { defaultLifeLimits } from './life-limits.ts'
import { type SweeperOptions, startSweeper } from './sweeper.ts'

const ofNobody = (clock: ManualClock): SweeperOptions => ({
  clock,
  random: () => 0.5,
  limits: { ...defaultLifeLimits, sweepMs: 1_000 },
  log: silent,
  hand: createHand({ clock, epoch: clock.now, wake() {} }),
  isKept: () => false,
  up: [],
  lifeOf: () => undefined,
  onRest() {},
  forget() {},
})

/** When it has looked within three seconds, with this chance. */
async function looksOf(chance: number): Promise<readonly number[]> {
  const clock = createManualClock(0)
  const looks: number[] = []
  const up = {
    [Symbol.iterator]() {
      looks.push(clock.now())
      return [][Symbol.iterator]()
    },
  }
  const end = startSweeper({ ...ofNobody(clock), random: () => chance, up })
  await clock.advance(3_000)
  end()
  return looks
}

test('the moments at which it is looked who may sleep are jittered: gateways that start together part', async () => {
  expect(await looksOf(0)).toEqual([500, 1_000, 1_500, 2_000, 2_500, 3_000])
  expect(await looksOf(0.5)).toEqual([1_000, 2_000, 3_000])
  expect(await looksOf(1)).toEqual([1_500, 3_000])
})

test('one that cannot be looked at keeps no other from its sleep', async () => {
  const forgotten: string[] = []
  const clock = createManualClock(0)
  const end = startSweeper({
    ...ofNobody(clock),
    up: ['broken', 'other'],
    lifeOf(environment) {
      if (environment === 'broken') throw new Error('broken')
      return undefined
    },
    forget: (environment) => void forgotten.push(environment),
  })
  await clock.advance(2_000)
  end()
  expect(forgotten).toEqual(['other', 'other'])
})
