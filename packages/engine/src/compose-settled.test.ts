import { expect, test } from 'vitest'
import { nextPassAt, toMinute } from './compose-settled.ts'
import { mergeConditions } from './conditions.ts'

const now = new Date('2026-01-01T00:00:30.500Z')

test('a composition sees full minutes', () => {
  expect(toMinute(now)).toBe('2026-01-01T00:00:00Z')
})

test.each([
  ['2026-01-01T00:05:00Z', '2026-01-01T00:05:00.000Z'],
  ['2026-01-01T00:05:01Z', '2026-01-01T00:06:00.000Z'],
  // In what a composition takes for the past it would see the same minute again, and ask again.
  ['2026-01-01T00:00:10Z', '2026-01-01T00:01:00.000Z'],
  ['2025-01-01T00:00:00Z', '2026-01-01T00:01:00.000Z'],
])('asked to come back at %s, the loop comes at %s, when that time can be seen', (asked, at) => {
  expect(nextPassAt(asked, now)?.toISOString()).toBe(at)
})

test('what is no time is a bug of the composition', () => {
  expect(() => nextPassAt('tomorrow', now)).toThrow('requeueAt is not a time')
  expect(nextPassAt(undefined, now)).toBeUndefined()
})

test('the time of a condition moves with its status alone', () => {
  const old = [
    {
      type: 'Ready',
      status: 'False',
      reason: 'Creating',
      lastTransitionTime: '2025-01-01T00:00:00Z',
    },
    { type: 'Gone', status: 'True', reason: 'Old' },
  ] as const
  const moment = { now, generation: 3 }
  const reworded = { type: 'Ready', status: 'False', reason: 'Creating', message: 'more' } as const
  expect(mergeConditions(old, [reworded], moment)).toEqual([
    { ...reworded, lastTransitionTime: '2025-01-01T00:00:00Z', observedGeneration: 3 },
  ])
  const turned = { type: 'Ready', status: 'True', reason: 'Available' } as const
  expect(mergeConditions(old, [turned], moment)).toMatchObject([
    { lastTransitionTime: '2026-01-01T00:00:30Z' },
  ])
})
