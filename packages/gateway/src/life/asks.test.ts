import { expect, test } from 'vitest'
import { type Asks, createAsks } from './asks.ts'

const hour = 3_600_000
const started = 100 * hour

function tell(asks: Asks, ask: Parameters<Asks['pending']>[1], wokenAt?: number, generation = 1) {
  const now = started + 1_000
  return asks.pending('acme', ask, { now, startedAt: started, wokenAt, generation })
}

test('an order from before the last wake was carried out before the gateway started', () => {
  const asks = createAsks()
  expect(tell(asks, { sleepAt: started - 5_000 }, started - 2_000)).toBeUndefined()
  expect(tell(asks, { wakeAt: started - 5_000 }, started - 2_000)).toBeUndefined()
})

test('an order from before the start that nobody has carried out is carried out', () => {
  const asks = createAsks()
  expect(tell(asks, { sleepAt: started - 5_000 })).toBe('sleep')
  expect(tell(asks, { sleepAt: started - 5_000 }, started - 9_000)).toBe('sleep')
})

test('an order that a running gateway is given counts, though its time is rounded to before the wake', () => {
  const asks = createAsks()
  expect(tell(asks, { sleepAt: started + 500 }, started + 700)).toBe('sleep')
})

test('an order to sleep is not meant for the next life, though nothing was seen of the sleep', () => {
  const asks = createAsks()
  const order = { sleepAt: started + 500 }
  expect(tell(asks, order, undefined, 1)).toBe('sleep')
  expect(tell(asks, order, started + 700, 2)).toBeUndefined()
  expect(tell(asks, { sleepAt: started + 800 }, started + 700, 2)).toBe('sleep')
})

test('orders of environments that are no more are forgotten', () => {
  const asks = createAsks()
  for (let at = 0; at < 12_000; at += 1) {
    asks.pending(
      `t${at}`,
      { sleepAt: started },
      { now: started, startedAt: started, wokenAt: undefined, generation: 1 },
    )
  }
  expect(asks.size).toBeLessThanOrEqual(10_000)
  const now = started + 2 * hour
  const moment = { now, startedAt: started, wokenAt: undefined, generation: 1 }
  asks.pending('acme', { sleepAt: now }, moment)
  expect(asks.size).toBe(1)
})
