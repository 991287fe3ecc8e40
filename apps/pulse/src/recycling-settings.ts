import { type Config, defineSettings } from '@pulse/service'
import Type from 'typebox'

/** When a worker that has grown gives way to a new one. */
export const recyclingSettings = defineSettings({
  workerMemorySoftPercent: {
    env: 'PLANA_WORKER_MEMORY_SOFT_PERCENT',
    schema: Type.Integer({ minimum: 1, maximum: 100 }),
    default: 75,
    description:
      'share of its memory limit beyond which a worker gives way to a new one, without a lost request; 100: never',
  },
  workerRecyclePauseSeconds: {
    env: 'PLANA_WORKER_RECYCLE_PAUSE_SECONDS',
    schema: Type.Integer({ minimum: 60, maximum: 86_400 }),
    default: 600,
    description: 'the same workers are not replaced for their memory more often than this',
  },
})

/** In the units that the server counts in. */
export function recyclingLimitsOf(config: Config<typeof recyclingSettings>) {
  const { workerMemorySoftPercent, workerRecyclePauseSeconds } = config
  return { softPercent: workerMemorySoftPercent, pauseMs: workerRecyclePauseSeconds * 1000 }
}
