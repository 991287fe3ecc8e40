import type { EventNote } from '@pulse/engine'
import type { RefusedSleep } from '@pulse/gateway'

/** Reasons of the events that say why an environment does not fall asleep. */
export const refusedSleepReasons = ['SleepDelayed', 'SleepRefused'] as const

/** What is said on an environment that was told to sleep and has not begun to. */
export function refusedSleepNote({ because, inFlight, held }: RefusedSleep): EventNote {
  switch (because) {
    case 'busy':
      return {
        type: 'Normal',
        reason: 'SleepDelayed',
        message: `does not fall asleep yet: ${busyWords(inFlight, held)}`,
      }
    case 'unready':
      return {
        type: 'Normal',
        reason: 'SleepDelayed',
        message: 'does not fall asleep yet: it is not up itself',
      }
    case 'sleepless':
      return {
        type: 'Warning',
        reason: 'SleepRefused',
        message: 'does not fall asleep: its workers are shared, or spec.sleep.enabled is false',
      }
  }
}

/** An open WebSocket counts as a request that is under way. */
function busyWords(inFlight: number, held: number): string {
  const parts = [
    ...(inFlight > 0 ? [`${count(inFlight)} under way`] : []),
    ...(held > 0 ? [`${count(held)} waiting`] : []),
  ]
  return parts.join(', ')
}

function count(requests: number): string {
  return requests === 1 ? '1 request' : `${requests} requests`
}
