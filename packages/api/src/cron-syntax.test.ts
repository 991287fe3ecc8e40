import { describe, expect, test } from 'vitest'
import { parseCronTimes } from './cron-syntax.ts'
import { isTimeZone } from './time-zone.ts'

test.each([
  ['* * * * *', '* * * * *'],
  ['  0   3 * * * ', '0 3 * * *'],
  ['*/15 * * * *', '0,15,30,45 * * * *'],
  ['5/20 * * * *', '5,25,45 * * * *'],
  ['10-30/10,59 * * * *', '10,20,30,59 * * * *'],
  ['*/1 ? * * *', '* * * * *'],
  ['0-59 0-23 * * *', `${list(0, 59)} ${list(0, 23)} * * *`],
  ['0 0 */10 JAN-mar Sun,tue-Wed', '0 0 1,11,21,31 1,2,3 0,2,3'],
  ['*/61 * * * *', '0 * * * *'],
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
])('%s means %s', (schedule, pattern) => {
  expect(parseCronTimes(schedule)).toEqual({ type: 'pattern', pattern })
})

test.each([
  ['@every 1h30m', 5400],
  ['@every 500ms', 1],
])('%s is every %d seconds', (schedule, seconds) => {
  expect(parseCronTimes(schedule)).toEqual({ type: 'every', seconds })
})

describe('what cannot be a schedule is told by the field that is wrong', () => {
  test.each([
    ['', 'must have five fields: minute, hour, day of month, month, day of week'],
    ['* * * *', 'must have five fields: minute, hour, day of month, month, day of week'],
    ['0 * * * * *', 'must have five fields: minute, hour, day of month, month, day of week'],
    ['60 * * * *', 'minute "60" must be from 0 to 59'],
    ['* 24 * * *', 'hour "24" must be from 0 to 23'],
    ['* * 0 * *', 'day of month "0" must be from 1 to 31'],
    ['* * * 13 *', 'month "13" must be from 1 to 12'],
    ['* * * * 7', 'day of week "7" must be from 0 to 6'],
    ['* * * * mon-', 'day of week "mon-" must be from 0 to 6'],
    ['1,,2 * * * *', 'minute "" must be from 0 to 59'],
    ['-5 * * * *', 'minute "-5" must be from 0 to 59'],
    ['1-2-3 * * * *', 'minute "1-2-3" must be from 0 to 59'],
    ['30-10 * * * *', 'minute "30-10" must not end before it begins'],
    ['*/0 * * * *', 'minute "*/0" must have a step of 1 or more'],
    ['*/x * * * *', 'minute "*/x" must have a step of 1 or more'],
    ['* * L * *', 'day of month "L" must be from 1 to 31'],
    ['* * * * 5#2', 'day of week "5#2" must be from 0 to 6'],
    [
      '@reboot',
      'must be one of @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly, @every {duration}',
    ],
    ['@every soon', '@every must be followed by a duration such as 90m'],
  ])('%s', (schedule, rule) => {
    expect(parseCronTimes(schedule)).toEqual({ type: 'broken', rule })
  })
})

test.each([
  ['Europe/Sofia', true],
  ['Australia/Lord_Howe', true],
  ['America/Argentina/Buenos_Aires', true],
  ['Etc/GMT+5', true],
  ['UTC', true],
  ['Asia/Kolkata', true],
  ['EST5EDT', true],
  ['', false],
  ['Local', false],
  ['europe/sofia', false],
  ['Europe/Sofia ', false],
  ['+02:00', false],
  ['Europe/Atlantis', false],
  ['../etc/passwd', false],
])('%j is a zone of the IANA database: %s', (name, is) => {
  expect(isTimeZone(name)).toBe(is)
})

function list(from: number, to: number): string {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index).join(',')
}
