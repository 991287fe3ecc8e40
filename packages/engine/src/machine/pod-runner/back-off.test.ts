import { expect, test } from 'vitest'
import { type BackOff, nextBackOff, restarts } from './back-off.ts'

test('the first restart is at once, then the wait doubles from ten seconds up to five minutes', () => {
  const waits: number[] = []
  let last: BackOff | undefined
  for (let crash = 0; crash < 7; crash += 1) {
    last = nextBackOff(last, 1000)
    waits.push(last.delayMs / 1000)
  }
  expect(waits).toEqual([0, 10, 20, 40, 80, 160, 300])
})

test('ten minutes of running are enough to begin anew', () => {
  expect(nextBackOff({ delayMs: 300_000 }, 600_000)).toEqual({ delayMs: 0 })
})

test.each([
  ['Always', 0, true],
  ['Always', 1, true],
  ['OnFailure', 0, false],
  ['OnFailure', 137, true],
  ['Never', 1, false],
] as const)('with policy %s, exit code %d restarts: %s', (policy, exitCode, expected) => {
  expect(restarts(policy, exitCode)).toBe(expected)
})
