import { expect, test } from 'vitest'
import { createManualClock } from '../manual-clock.suite.ts'
import { createProber } from './prober.ts'

const backend = { address: '127.0.0.1', httpPort: 1, websocketPort: 1, process: 'acme' }

function underTest(readyAfterMs: number) {
  const clock = createManualClock()
  const start = clock.now()
  const asked: number[] = []
  const ready: number[] = []
  const prober = createProber({
    clock,
    pauseMs: 25,
    isWanted: () => true,
    async isReady() {
      asked.push(clock.now() - start)
      return clock.now() - start >= readyAfterMs
    },
    onReady: () => ready.push(clock.now() - start),
  })
  return { clock, asked, ready, prober }
}

test.each([500, 59_000])(
  'a process that can serve after %i ms is found so 25 ms later at most',
  async (ms) => {
    const { clock, ready, prober } = underTest(ms)
    prober.probe([backend])
    await clock.advance(ms + 25)
    expect(ready).toHaveLength(1)
  },
)

test('one that takes two minutes is found a twentieth later at most', async () => {
  const { clock, ready, prober } = underTest(120_000)
  prober.probe([backend])
  await clock.advance(125_000)
  expect(ready).toHaveLength(1)
})

test('one that never can is asked ever more seldom, and yet goes on being asked', async () => {
  const { clock, asked, prober } = underTest(Number.POSITIVE_INFINITY)
  prober.probe([backend])
  await clock.advance(600_000)
  const last = asked.filter((at) => at > 300_000)
  expect(last.length).toBeGreaterThanOrEqual(59)
  expect(last.length).toBeLessThanOrEqual(61)
})
