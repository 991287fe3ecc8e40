import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCronSchedule } from './cron-schedule.ts'
import { zonedTime } from './zoned-time.ts'

/** The next runs as the clocks of the zone show them: day, time and offset. */
function runs(schedule: string, timeZone: string, { after, count }: Asked): readonly string[] {
  const { next } = createCronSchedule(schedule, timeZone)
  const found: string[] = []
  let at = new Date(after)
  while (found.length < count) {
    at = next(at) ?? new Date(Number.NaN)
    found.push(zonedTime(at, timeZone).slice(5).replace(':00+', '+').replace(':00-', '-'))
  }
  return found
}

interface Asked {
  readonly after: string
  readonly count: number
}

describe('on the day on which clocks go forward', () => {
  test.each([
    [
      '30 3 * * *',
      'Europe/Sofia',
      '2026-03-28T12:00:00Z',
      '03-29T04:00+03:00',
      '03-30T03:30+03:00',
    ],
    [
      '30 2 * * *',
      'America/New_York',
      '2026-03-07T12:00:00Z',
      '03-08T03:00-04:00',
      '03-09T02:30-04:00',
    ],
    [
      '15 2 * * *',
      'Australia/Lord_Howe',
      '2026-10-03T12:00:00Z',
      '10-04T02:30+11:00',
      '10-05T02:15+11:00',
    ],
  ])(
    'what runs once a day (%s in %s) runs at the end of the gap that swallows its time',
    (...[schedule, zone, after, first, second]) => {
      expect(runs(schedule, zone, { after, count: 2 })).toEqual([first, second])
    },
  )

  test.each([
    [
      '*/15 * * * *',
      'Europe/Sofia',
      '2026-03-29T00:40:00Z',
      ['03-29T02:45+02:00', '03-29T04:00+03:00', '03-29T04:15+03:00'],
    ],
    [
      '*/15 * * * *',
      'America/New_York',
      '2026-03-08T06:40:00Z',
      ['03-08T01:45-05:00', '03-08T03:00-04:00', '03-08T03:15-04:00'],
    ],
    [
      '*/15 * * * *',
      'Australia/Lord_Howe',
      '2026-10-03T15:10:00Z',
      ['10-04T01:45+10:30', '10-04T02:30+11:00', '10-04T02:45+11:00'],
    ],
    [
      '0 * * * *',
      'Australia/Lord_Howe',
      '2026-10-03T14:00:00Z',
      ['10-04T01:00+10:30', '10-04T03:00+11:00', '10-04T04:00+11:00'],
    ],
    [
      '0,30 3 * * *',
      'Europe/Sofia',
      '2026-03-28T12:00:00Z',
      ['03-30T03:00+03:00', '03-30T03:30+03:00', '03-31T03:00+03:00'],
    ],
  ])(
    'what runs more often (%s in %s) leaves out the times that there are not',
    (schedule, zone, after, expected) => {
      expect(runs(schedule, zone, { after, count: 3 })).toEqual(expected)
    },
  )
})

describe('on the day on which clocks go back', () => {
  test.each([
    [
      '30 3 * * *',
      'Europe/Sofia',
      '2026-10-24T12:00:00Z',
      '10-25T03:30+03:00',
      '10-26T03:30+02:00',
    ],
    [
      '30 1 * * *',
      'America/New_York',
      '2026-10-31T12:00:00Z',
      '11-01T01:30-04:00',
      '11-02T01:30-05:00',
    ],
    [
      '45 1 * * *',
      'Australia/Lord_Howe',
      '2026-04-04T00:00:00Z',
      '04-05T01:45+11:00',
      '04-06T01:45+10:30',
    ],
  ])(
    'what runs once a day (%s in %s) runs once, the first time',
    (...[schedule, zone, after, first, second]) => {
      expect(runs(schedule, zone, { after, count: 2 })).toEqual([first, second])
      const between = new Date(Date.parse(first.replace('', '2026-')) + 20 * 60_000).toISOString()
      expect(runs(schedule, zone, { after: between, count: 1 })).toEqual([second])
    },
  )

  test.each([
    [
      '*/15 * * * *',
      'America/New_York',
      '2026-11-01T05:40:00Z',
      ['11-01T01:45-04:00', '11-01T01:00-05:00', '11-01T01:15-05:00'],
    ],
    [
      '*/15 * * * *',
      'Europe/Sofia',
      '2026-10-25T00:40:00Z',
      ['10-25T03:45+03:00', '10-25T03:00+02:00', '10-25T03:15+02:00'],
    ],
    [
      '*/15 * * * *',
      'Australia/Lord_Howe',
      '2026-04-04T14:40:00Z',
      ['04-05T01:45+11:00', '04-05T01:30+10:30', '04-05T01:45+10:30'],
    ],
    [
      '0 * * * *',
      'Australia/Lord_Howe',
      '2026-04-04T13:30:00Z',
      ['04-05T01:00+11:00', '04-05T02:00+10:30', '04-05T03:00+10:30'],
    ],
    [
      '0,30 1 * * *',
      'America/New_York',
      '2026-11-01T05:10:00Z',
      ['11-01T01:30-04:00', '11-01T01:00-05:00', '11-01T01:30-05:00'],
    ],
  ])(
    'what runs more often (%s in %s) goes on through both passes',
    (schedule, zone, after, expected) => {
      expect(runs(schedule, zone, { after, count: 3 })).toEqual(expected)
    },
  )
})

test('a zone whose clocks stand, and no zone at all, have a run every day', () => {
  const asked = { after: '2026-03-28T00:00:00Z', count: 2 }
  expect(runs('0 2 * * *', 'Asia/Kolkata', asked)).toEqual([
    '03-29T02:00+05:30',
    '03-30T02:00+05:30',
  ])
  const { next } = createCronSchedule('0 2 * * *')
  expect(next(new Date('2026-03-28T12:00:00Z'))).toEqual(new Date('2026-03-29T02:00:00Z'))
})

test('leap days, days of the month or the week, and days that never come', () => {
  const first = (schedule: string) =>
    createCronSchedule(schedule).next(new Date('2026-03-01T00:00:00Z'))
  expect(first('0 0 29 2 *')).toEqual(new Date('2028-02-29T00:00:00Z'))
  expect(first('0 0 13 * 5')).toEqual(new Date('2026-03-06T00:00:00Z'))
  expect(first('0 0 * * 5')).toEqual(new Date('2026-03-06T00:00:00Z'))
  expect(first('0 0 */2 * 5')).toEqual(new Date('2026-03-03T00:00:00Z'))
  expect(first('0 0 31 2 *')).toBeUndefined()
})

test('the latest run is found at once, however long ago', () => {
  const long = { from: new Date('1996-03-01T00:00:00Z'), now: new Date('2026-03-01T00:00:30Z') }
  const latest = (schedule: string) =>
    createCronSchedule(schedule).latest(long.from, long.now)?.toISOString()
  expect(latest('* * * * *')).toBe('2026-03-01T00:00:00.000Z')
  expect(latest('0 0 29 2 *')).toBe('2024-02-29T00:00:00.000Z')
  expect(latest('0 0 31 2 *')).toBeUndefined()
})

test('what is every so often counts on from the run before', () => {
  const { next, latest } = createCronSchedule('@every 90m')
  const from = new Date('2026-01-01T00:10:00Z')
  expect(next(from)).toEqual(new Date('2026-01-01T01:40:00Z'))
  expect(latest(from, new Date('2026-01-01T01:39:59Z'))).toBeUndefined()
  expect(latest(from, new Date('2026-01-01T07:00:00Z'))).toEqual(new Date('2026-01-01T06:10:00Z'))
})

test('the latest run is the one that stepping from run to run comes to, wherever it begins', () => {
  const minute = fc.integer({ min: 0, max: 60 * 24 * 400 })
  const schedule = fc.constantFrom('*/15 * * * *', '30 3 * * *', '0 */5 * * 1-5', '45 1 1,15 * *')
  const zone = fc.constantFrom('Europe/Sofia', 'America/New_York', 'Australia/Lord_Howe')
  const at = (minutes: number) => new Date(Date.parse('2026-01-01T00:00:00Z') + minutes * 60_000)
  fc.assert(
    fc.property(
      schedule,
      zone,
      minute,
      fc.integer({ min: 0, max: 20_000 }),
      (text, name, from, span) => {
        const { next, latest } = createCronSchedule(text, name)
        const now = at(from + span)
        let found: Date | undefined
        for (let run = next(at(from)); run !== undefined && run <= now; run = next(run)) found = run
        expect(latest(at(from), now)).toEqual(found)
      },
    ),
    { numRuns: 60 },
  )
})
