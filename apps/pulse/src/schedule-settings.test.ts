import { defaultScheduleLimits } from '@pulse/gateway'
import { parseConfig } from '@pulse/service'
import { expect, test } from 'vitest'
import { scheduleLimitsOf, scheduleSettings } from './schedule-settings.ts'

test('unset, schedules are looked at as often as the gateway does by itself', () => {
  const limits = scheduleLimitsOf(parseConfig(scheduleSettings, {}))
  expect(defaultScheduleLimits).toMatchObject(limits)
})

test('each setting reaches the limit that it names', () => {
  const config = parseConfig(scheduleSettings, {
    PLANA_SCHEDULES_NOTIFICATION_GAP_SECONDS: '0.5',
    PLANA_SCHEDULES_LOOK_SECONDS: '20',
    PLANA_SCHEDULES_BATCH_SECONDS: '30',
  })
  expect(scheduleLimitsOf(config)).toEqual({
    hintGapMs: 500,
    awakeLookMs: 20_000,
    batchMs: 30_000,
  })
})
