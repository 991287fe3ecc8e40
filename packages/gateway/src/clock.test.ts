import { afterEach, expect, test, vi } from 'vitest'
import { systemClock } from './clock.ts'

const hour = 3_600_000

afterEach(() => {
  vi.useRealTimers()
})

test('a clock that is set, forwards or back, ends nobody’s idle time and no deadline', () => {
  const before = systemClock.now()
  expect(Math.abs(before - Date.now())).toBeLessThan(hour)
  vi.useFakeTimers({ toFake: ['Date'], now: before + 24 * hour })
  const later = systemClock.now()
  expect(later - before).toBeLessThan(hour)
  vi.setSystemTime(0)
  expect(systemClock.now()).toBeGreaterThanOrEqual(later)
})
