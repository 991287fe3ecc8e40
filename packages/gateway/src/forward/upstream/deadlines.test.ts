import { expect, onTestFinished, test, vi } from 'vitest'
import { createDeadlines } from './deadlines.ts'

test('nothing is late before its time, and all that is late hears of it', () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const deadlines = createDeadlines(10)
  const add = (ms: number) => {
    const timed = { deadline: deadlines.after(ms), onLate: vi.fn(() => deadlines.delete(timed)) }
    deadlines.add(timed)
    return timed.onLate
  }
  const never = add(Number.POSITIVE_INFINITY)
  vi.advanceTimersByTime(1_000)
  const soon = add(50)
  const later = add(100)
  vi.advanceTimersByTime(49)
  expect(soon).not.toHaveBeenCalled()
  vi.advanceTimersByTime(30)
  expect(soon).toHaveBeenCalledTimes(1)
  expect(later).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1_000)
  expect(later).toHaveBeenCalledTimes(1)
  expect(soon).toHaveBeenCalledTimes(1)
  expect(never).not.toHaveBeenCalled()
})
