import { expect, test } from 'vitest'
import { parseProbe } from './probe-spec.ts'
import { afterAttempt, startupBudgetMs, untried } from './probe-state.ts'

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
