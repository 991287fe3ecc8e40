import { expect, onTestFinished, test } from 'vitest'
import { routeTo, wakerOf } from '../gateway-under-test.suite.ts'
import { createManualClock } from '../manual-clock.suite.ts'
import { silent } from '../silent-log.suite.ts'
import { defaultLifeLimits } from './life-limits.ts'
import { createLives } from './lives.ts'
import type { RefusedSleep } from './refused-sleeps.ts'
import type { LifeAsk, Sight } from './waker.ts'

const backend = { address: '127.0.0.1', httpPort: 1, websocketPort: 1, process: 'p1' }

/** The environment `acme-prod`, awake, and all that is told of refused sleeps. */
function withLives({ ask, ...more }: Partial<Sight> & { readonly ask?: LifeAsk }) {
  const clock = createManualClock()
  const told: RefusedSleep[] = []
  const waker = wakerOf([routeTo('acme', [backend])], { ...more, ...(ask && { ask }) })
  const lives = createLives({
    self: 'gateway',
    waker: { ...waker, awake: () => ['acme-prod'] },
    clock,
    random: () => 0.5,
    limits: { ...defaultLifeLimits, graceMs: 0 },
    log: silent,
    onRefusedSleep: (facts) => told.push(facts),
  })
  onTestFinished(() => lives.close())
  const wanted = {
    bytes: 0,
    since: clock.now(),
    cause: 'request',
    onLeft: () => () => {},
  } as const
  return { clock, told, arrive: () => lives.turn('acme-prod', wanted) }
}

const ask = { sleepAt: 1_000_000 }

test('whoever orders sleep is told of the requests that keep it awake, and ever less often', async () => {
  const { clock, told, arrive } = withLives({ ask, idleMs: 1e9 })
  await arrive()
  await clock.advance(2_500)
  expect(told).toEqual([])
  await clock.advance(57_000)
  const busy = { environment: 'acme-prod', because: 'busy', inFlight: 1, held: 0 }
  expect(told).toEqual([busy, busy, busy, busy, busy])
})

test('without an order nothing is told, however long it is busy', async () => {
  const { clock, told, arrive } = withLives({ idleMs: 1 })
  await arrive()
  await clock.advance(60_000)
  expect(told).toEqual([])
})

test('one that never sleeps is told to be so', async () => {
  const { clock, told } = withLives({ ask })
  await clock.advance(10_000)
  expect(told[0]).toMatchObject({ because: 'sleepless', inFlight: 0 })
})

test('an order that has lapsed is not spoken of any more', async () => {
  const { clock, told, arrive } = withLives({ ask, idleMs: 1e9 })
  await arrive()
  await clock.advance(60_000)
  const soFar = told.length
  await clock.advance(600_000)
  expect(told).toHaveLength(soFar)
})
