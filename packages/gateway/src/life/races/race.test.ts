import { expect, test } from 'vitest'
import { race } from './race.suite.ts'

/** Thousands of sleeps and their crowds take seconds of computing, more on a busy machine. */
const patienceMs = 240_000

test.each([
  { seed: 1, gateways: 1, sleeps: 4_000 },
  { seed: 2, gateways: 2, sleeps: 3_000 },
  { seed: 3, gateways: 3, sleeps: 1_000 },
  { seed: 4, gateways: 3, sleeps: 2_000, isPartitioned: true },
])(
  'around $sleeps sleeps with $gateways gateways (cut off at times: $isPartitioned) every request is served, and nothing is started twice',
  async (options) => {
    const result = await race(options)
    const { served = 0, left = 0, ...others } = result.ends
    expect(others).toEqual({})
    expect(served + left).toBe(result.requests)
    expect(result.fouls).toEqual([])
    expect(result.starts).toBeLessThanOrEqual(result.sleeps + 1)
  },
  patienceMs,
)

test(
  'where processes crash and the store fails only what ran at the crash is broken off, and nothing is started twice',
  async () => {
    const result = await race({ seed: 5, gateways: 3, sleeps: 2_000, isFragile: true })
    const { served = 0, left = 0, broken = 0, ...others } = result.ends
    expect(others).toEqual({})
    expect(served + left + broken).toBe(result.requests)
    expect(result.cutOff).toBeGreaterThan(0)
    expect(broken).toBe(result.cutOff)
    expect(result.fouls).toEqual([])
  },
  patienceMs,
)

test(
  'the race tells when a process ends without a seal',
  async () => {
    const { ends } = await race({
      seed: 6,
      gateways: 3,
      sleeps: 1_000,
      isPartitioned: true,
      isSealing: false,
    })
    expect(ends.broken).toBeGreaterThan(0)
  },
  patienceMs,
)
