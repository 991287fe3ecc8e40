import type { ScheduleLimits } from '@pulse/gateway'
import { type Config, defineSettings } from '@pulse/service'
import Type from 'typebox'

/** How schedules are looked at. What is due runs within 60 s: all are parts of that minute. */
export const scheduleSettings = defineSettings({
  scheduleNotificationGapSeconds: {
    env: 'PLANA_SCHEDULES_NOTIFICATION_GAP_SECONDS',
    schema: Type.Number({ minimum: 0.1, maximum: 30 }),
    default: 10,
    description:
      'a database is read at most this often because it was told that something is due: anybody may tell',
  },
  scheduleLookSeconds: {
    env: 'PLANA_SCHEDULES_LOOK_SECONDS',
    schema: Type.Number({ minimum: 1, maximum: 60 }),
    default: 60,
    description:
      'how often the schedules of an environment that is awake are read: they may change unnoticed',
  },
  scheduleBatchSeconds: {
    env: 'PLANA_SCHEDULES_BATCH_SECONDS',
    schema: Type.Number({ minimum: 1, maximum: 60 }),
    default: 60,
    description:
      'actions that are due within so long of each other share one wake: so long at least an environment that was woken for them stays awake',
  },
})

/** The limits as the gateway takes them. */
export function scheduleLimitsOf(
  config: Config<typeof scheduleSettings>,
): Pick<ScheduleLimits, 'hintGapMs' | 'awakeLookMs' | 'batchMs'> {
  return {
    hintGapMs: config.scheduleNotificationGapSeconds * 1000,
    awakeLookMs: config.scheduleLookSeconds * 1000,
    batchMs: config.scheduleBatchSeconds * 1000,
  }
}
