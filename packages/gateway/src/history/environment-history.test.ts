import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createEnvironmentHistory, pauseBucketOf } from './environment-history.ts'
import { percentile } from './percentile.ts'
import { parseHistory, stringifyHistory, type Wake } from './saved-history.ts'

const monday = Date.UTC(2026, 10, 23)
const hour = 3_600_000
const week = 168 * hour
const uid = '7f1f9a70-3c1e-4d59-9d4a-0b6a5d1f2c3b'

function wakeOf(durationMs: number, rest: Partial<Wake> = {}): Wake {
  return { atMs: monday, cause: 'request', temperature: 'forked', durationMs, ...rest }
}

describe('activity', () => {
  test('counts in its hour of the week, Monday first, in UTC', () => {
    const history = createEnvironmentHistory()
    history.countActivity(monday + 30_000)
    history.countActivity(monday + 26.5 * hour)
    history.countActivity(monday + 26.9 * hour)
    history.countActivity(monday + week - 1)
    const counted = history.perHourOfWeek.flatMap((count, at) => (count > 0 ? [[at, count]] : []))
    expect(counted).toEqual([
      [0, 1],
      [26, 2],
      [167, 1],
    ])
  })

  test('of weeks gone by fades to nothing', () => {
    const history = createEnvironmentHistory()
    for (let request = 0; request < 8; request += 1) history.countActivity(monday)
    history.countActivity(monday + 2 * week + hour)
    expect(history.perHourOfWeek.slice(0, 2)).toEqual([2, 1])
    history.countActivity(monday + 80 * week)
    expect(history.perHourOfWeek.slice(0, 2)).toEqual([1, 0])
  })

  test('leaves pauses behind it, by powers of two of seconds', () => {
    const history = createEnvironmentHistory()
    for (const seconds of [0, 0.5, 2, 5, 1_000]) history.countActivity(monday + seconds * 1_000)
    const counted = history.pauses.flatMap((count, at) => (count > 0 ? [[at, count]] : []))
    expect(counted).toEqual([
      [0, 1],
      [1, 1],
      [2, 1],
      [10, 1],
    ])
    expect([0, 999, 1_000, 1_999, 2_000, 900_000, 1e15].map(pauseBucketOf)).toEqual([
      0, 0, 1, 1, 2, 10, 23,
    ])
  })

  test('that seems to lie before the last one leaves no pause', () => {
    const history = createEnvironmentHistory()
    history.countActivity(monday + hour)
    history.countActivity(monday)
    expect(history.pauses.every((count) => count === 0)).toBe(true)
  })
})

describe('wakes', () => {
  test('of one temperature give their p50 and p99', () => {
    const history = createEnvironmentHistory()
    for (const ms of [400, 500, 600.4, 1_200]) history.addWake(wakeOf(ms))
    history.addWake(wakeOf(9_000, { temperature: 'cold', cause: 'schedule' }))
    expect(history.wakeTimes('forked')).toEqual({ count: 4, p50Ms: 500, p99Ms: 1_200 })
    expect(history.wakeTimes()).toEqual({ count: 5, p50Ms: 600, p99Ms: 9_000 })
    expect(history.wakeTimes('warm')).toBeUndefined()
  })

  test('are the last 32', () => {
    const history = createEnvironmentHistory()
    for (let ms = 1; ms <= 100; ms += 1) history.addWake(wakeOf(ms))
    expect(history.wakes.map(({ durationMs }) => durationMs)).toEqual(
      Array.from({ length: 32 }, (_, at) => at + 69),
    )
  })
})

describe('what is saved', () => {
  test('is the same when it is read again', () => {
    const history = createEnvironmentHistory()
    history.countActivity(monday)
    history.countActivity(monday + 7_000)
    history.addWake(wakeOf(512, { cause: 'schedule', temperature: 'cold' }))
    const saved = history.save()
    expect(parseHistory(stringifyHistory(saved, uid), uid)).toEqual(saved)
    expect(createEnvironmentHistory(saved).save()).toEqual(saved)
    const empty = createEnvironmentHistory().save()
    expect(parseHistory(stringifyHistory(empty, uid), uid)).toEqual(empty)
  })

  test('is nothing to another environment', () => {
    const text = stringifyHistory(createEnvironmentHistory().save(), uid)
    expect(parseHistory(text, 'another')).toBeUndefined()
    expect(parseHistory(text.replace(`"uid":"${uid}",`, ''), uid)).toBeUndefined()
  })

  test('never takes more than 4 KiB', () => {
    const saved = {
      week: 99_999,
      lastActivityMs: 9_999_999_999_999,
      hours: Array<number>(168).fill(9_999_999),
      pauses: Array<number>(24).fill(9_999_999),
      wakes: Array.from({ length: 32 }, () =>
        wakeOf(99_999_999, { temperature: 'cold', cause: 'asked', atMs: 9_999_999_999_999 }),
      ),
    }
    const history = createEnvironmentHistory(saved)
    history.countActivity(9_999_999_999_999)
    expect(Buffer.byteLength(stringifyHistory(saved, uid))).toBeLessThanOrEqual(4_096)
    expect(Buffer.byteLength(stringifyHistory(history.save(), uid))).toBeLessThanOrEqual(4_096)
  })

  test.each([
    '',
    '{',
    'null',
    '[]',
    '{"v":2}',
    `{"v":1,"uid":"${uid}","week":null,"last":null,"hours":[],"pauses":[],"wakes":[]}`,
    JSON.stringify({
      v: 1,
      uid,
      week: -1,
      last: null,
      hours: Array(168).fill(0),
      pauses: Array(24).fill(0),
      wakes: [],
    }),
    JSON.stringify({
      v: 1,
      uid,
      week: 1,
      last: null,
      hours: Array(168).fill(0.5),
      pauses: Array(24).fill(0),
      wakes: [],
    }),
    JSON.stringify({
      v: 1,
      uid,
      week: 1,
      last: null,
      hours: Array(168).fill(0),
      pauses: Array(24).fill(0),
      wakes: [[1, 9, 0, 1]],
    }),
    ' '.repeat(5_000),
  ])('%s is no history, and no error', (text) => {
    expect(parseHistory(text, uid)).toBeUndefined()
  })

  test('is readable or nothing, for any JSON', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(() => parseHistory(text, uid)).not.toThrow()
      }),
    )
  })
})

test('a percentile is one of the values', () => {
  const values = fc.array(fc.nat(), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (all, share) => {
      const found = percentile(all, share)
      expect(all).toContain(found)
      expect(all.filter((value) => value <= found).length).toBeGreaterThanOrEqual(
        share * all.length,
      )
    }),
  )
})
