import { expect, test } from 'vitest'
import { parseProbe } from './probe-spec.ts'
import { afterAttempt, startupBudgetMs, startupPauseMs, untried } from './probe-state.ts'

const probe = mustParse({ tcpSocket: { port: 1 }, successThreshold: 2, failureThreshold: 3 })

test('a verdict needs its threshold without a break', () => {
  const verdicts = verdictsOf([false, false, true, false, false, false, true, true])
  expect(verdicts).toEqual([
    'unknown',
    'unknown',
    'unknown',
    'unknown',
    'unknown',
    'failing',
    'failing',
    'passing',
  ])
})

test('a passing probe stays so through fewer failures than the threshold', () => {
  expect(verdictsOf([true, true, false, false, true]).at(-1)).toBe('passing')
})

test('a startup probe has the time that a kubelet would give', () => {
  const slow = mustParse({ exec: { command: ['true'] }, initialDelaySeconds: 5, periodSeconds: 2 })
  expect(startupBudgetMs(slow)).toBe(11_000)
})

test('what starts as it should is tried often, and what does not come up ever more seldom', () => {
  const slow = mustParse({ tcpSocket: { port: 1 }, periodSeconds: 5 })
  const pauses = [0, 9_999, 10_000, 40_000, 600_000].map((ms) => startupPauseMs(75, ms, slow))
  expect(pauses).toEqual([75, 75, 500, 2_000, 5_000])
  expect(startupPauseMs(500, 10_000, mustParse({ exec: {}, periodSeconds: 1 }))).toBe(500)
})

test('a probe without a handler is no probe', () => {
  expect(parseProbe({ periodSeconds: 1 })).toBeUndefined()
})

function verdictsOf(attempts: readonly boolean[]): string[] {
  let state = untried
  return attempts.map((passed) => {
    state = afterAttempt(state, passed, probe)
    return state.verdict
  })
}

function mustParse(value: unknown) {
  const parsed = parseProbe(value)
  if (!parsed) throw new Error('no probe')
  return parsed
}
