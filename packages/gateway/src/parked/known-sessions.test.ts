import { expect, test } from 'vitest'
import { createKnownSessions, knownSessionLimits } from './known-sessions.ts'

const limits = { perEnvironment: 3, inAll: 5, lengthMax: 8 }

test('of one environment the newest are known, and it takes nothing from another', () => {
  const sessions = createKnownSessions(limits)
  sessions.note('beta', 'b')
  for (const key of ['1', '2', '3', '1', '4']) sessions.note('acme', key)
  expect(['1', '2', '3', '4'].filter((key) => sessions.has('acme', key))).toEqual(['1', '3', '4'])
  expect(sessions.has('beta', 'b')).toBe(true)
  expect(sessions.has('beta', '1')).toBe(false)
})

test('when there are too many in all, whoever has most gives one up', () => {
  const sessions = createKnownSessions(limits)
  sessions.note('beta', 'b')
  for (const key of ['1', '2', '3']) sessions.note('acme', key)
  for (const key of ['x', 'y']) sessions.note('gamma', key)
  expect(sessions.has('acme', '1')).toBe(false)
  expect([
    sessions.has('acme', '2'),
    sessions.has('beta', 'b'),
    sessions.has('gamma', 'x'),
  ]).toEqual([true, true, true])
})

test('a key as long as its client likes is not kept', () => {
  const sessions = createKnownSessions()
  const longest = 'x'.repeat(knownSessionLimits.lengthMax)
  sessions.note('acme', longest)
  sessions.note('acme', `${longest}x`)
  expect([sessions.has('acme', longest), sessions.has('acme', `${longest}x`)]).toEqual([
    true,
    false,
  ])
})
